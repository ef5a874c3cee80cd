//! Both sides of a border go on by themselves, and neither is called in the middle of something.

use std::time::{Duration, Instant};

use futures::FutureExt;

use crate::calls::{add, call_back, census, echo_after};
use crate::failure::{Outcome, ensure, ensure_eq};
use crate::setting::Setting;
use crate::site::Census;

/// How long the near side computes or blocks at most. A pending call takes a few turns of the far side.
const BUSY: Duration = Duration::from_secs(20);

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

/// What the far side counts, asked in the middle of our turn.
fn count(setting: &Setting<'_>) -> Outcome<Option<Census>> {
    Ok(census(&setting.far).now_or_never().transpose()?)
}

pub(crate) async fn calls_go_on_while_the_near_side_computes(setting: &Setting<'_>) -> Outcome {
    let answer = echo_after(&setting.far, b"a while", 5);
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    while count(setting)? != Some(Census::default()) {
        ensure!(start.elapsed() < BUSY, "a call waited for this side to wait");
        let computed = Instant::now();
        while computed.elapsed() < pause {
            std::hint::spin_loop();
        }
        pause *= 2;
    }
    ensure!(answer.await? == b"a while", "the answer");
    Ok(())
}

pub(crate) async fn calls_go_on_while_the_near_side_blocks(setting: &Setting<'_>) -> Outcome {
    let answer = echo_after(&setting.far, b"a while", 5);
    let start = Instant::now();
    while count(setting)? != Some(Census::default()) {
        ensure!(start.elapsed() < BUSY, "a call waited for this side to wait");
        std::thread::sleep(Duration::from_millis(1));
    }
    ensure!(answer.await? == b"a while", "the answer");
    Ok(())
}
