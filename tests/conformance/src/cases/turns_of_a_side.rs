//! Both sides of a border go on by themselves, and neither is called in the middle of something.

use std::time::{Duration, Instant};

use futures::FutureExt;

use crate::calls::{add, call_back, census, echo_after};
use crate::failure::{Failure, Outcome, ensure, ensure_eq};
use crate::setting::Setting;
use crate::site::Census;

/// Turns of the far side that a call takes. Where the near side has to wait for each answer, they are many more than the
/// far side gets by being asked, see [`LOOKS`].
const TURNS: u32 = 5;
const MANY_TURNS: u32 = 300;

/// How often the near side looks whether the call is over. It is busy for a millisecond before the second look, and twice
/// as long each time: half a minute in all.
const LOOKS: u32 = 16;

pub(crate) async fn nobody_is_called_before_its_turn(setting: &Setting<'_>) -> Outcome {
    let ours = setting.near.counter();
    let call = call_back(&setting.far, &ours, 1, 0);
    // The far side may have called us back by now, but we have not come to it.
    ensure_eq!(add(&ours, 0).now_or_never().transpose()?, Some(0), "our counter, in the middle of our turn");
    ensure_eq!(call.await?, 1, "what the far side saw");
    Ok(())
}

pub(crate) async fn calls_go_on_when_nobody_looks_at_them(setting: &Setting<'_>) -> Outcome {
    let answer = echo_after(&setting.far, b"a while", 5);
    setting.far_comes_to(Census::default()).await?;
    ensure!(answer.await? == b"a while", "the answer");
    Ok(())
}

pub(crate) async fn calls_go_on_while_the_near_side_computes(setting: &Setting<'_>) -> Outcome {
    let compute = |pause| {
        let start = Instant::now();
        while start.elapsed() < pause {
            std::hint::spin_loop();
        }
    };
    calls_go_on_while(setting, compute).await
}

pub(crate) async fn calls_go_on_while_the_near_side_blocks(setting: &Setting<'_>) -> Outcome {
    calls_go_on_while(setting, std::thread::sleep).await
}

/// Makes a call that takes many turns of the far side, and is busy for longer and longer in between looks at it.
async fn calls_go_on_while(setting: &Setting<'_>, busy: impl Fn(Duration)) -> Outcome {
    let in_place = setting.traits().answers_in_place;
    let answer = echo_after(&setting.far, b"a while", if in_place { TURNS } else { MANY_TURNS });
    let mut pause = Duration::from_millis(1);
    for _ in 0..LOOKS {
        let count = census(&setting.far);
        // An answer in place is there in the middle of our turn. Waiting for another one gives the far side some turns.
        let count = if in_place { count.now_or_never().transpose()? } else { Some(count.await?) };
        if count == Some(Census::default()) {
            ensure!(answer.await? == b"a while", "the answer");
            return Ok(());
        }
        busy(pause);
        pause *= 2;
    }
    Err(Failure::new("a call waited for this side to wait"))
}
