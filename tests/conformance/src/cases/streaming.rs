//! `-> stream`: a call is acknowledged when it is done, whether that is at once or later, and that is the back-pressure.

use capnp::ErrorKind;
use futures::future::try_join_all;

use crate::calls::{echo, end, open, pour_into, refuse, sink, write, write_when};
use crate::conformance_capnp::Kind;
use crate::failure::{Failure, Outcome, ensure, ensure_eq};
use crate::setting::Setting;
use crate::site::Census;

pub(crate) async fn takes_all_in_order(setting: &Setting<'_>) -> Outcome {
    let sink = sink(&setting.far).await?;
    for number in 0..10 {
        write(&sink, number).await?;
    }
    let together: Vec<_> = (10..100).map(|number| write(&sink, number)).collect();
    try_join_all(together).await?;
    ensure_eq!(end(&sink).await?, (0..100).collect::<Vec<_>>(), "what was taken");
    Ok(())
}

pub(crate) async fn from_the_far_side(setting: &Setting<'_>) -> Outcome {
    let ours = setting.near.sink();
    pour_into(&setting.far, &ours, 100).await?;
    ensure_eq!(end(&ours).await?, (0..100).collect::<Vec<_>>(), "what was taken");
    Ok(())
}

pub(crate) async fn waits_for_the_one_before(setting: &Setting<'_>) -> Outcome {
    let sink = sink(&setting.far).await?;
    let (first, second) = (write_when(&sink, 1, 1), write_when(&sink, 2, 2));
    open(&setting.far, 2).await?;
    // The second could be done, but waits; only the first one is being worked on.
    setting.far_comes_to(Census { objects: 1, calls: 1, abandoned: 0 }).await?;
    open(&setting.far, 1).await?;
    futures::try_join!(first, second)?;
    ensure_eq!(end(&sink).await?, vec![1, 2], "what was taken");
    Ok(())
}

pub(crate) async fn is_acknowledged_when_it_is_done(setting: &Setting<'_>) -> Outcome {
    let sink = sink(&setting.far).await?;
    let mut written = Some(write_when(&sink, 1, 1));
    let mut rest = end(&sink);
    for _ in 0..10 {
        echo(&setting.far, b"a round trip").await?;
        if let Some(write) = &mut written
            && futures::poll!(write).is_ready()
        {
            ensure!(!setting.streams_are_answered(), "acknowledged before it was done");
            written = None;
        }
        ensure!(futures::poll!(&mut rest).is_pending(), "the end came before what it follows");
    }
    open(&setting.far, 1).await?;
    if let Some(write) = written {
        write.await?;
    }
    ensure_eq!(rest.await?, vec![1], "what was taken before the end");
    Ok(())
}

pub(crate) async fn fails_all_that_follows(setting: &Setting<'_>) -> Outcome {
    let sink = sink(&setting.far).await?;
    let before = write(&sink, 3);
    let refused = refuse(&sink, Kind::Overloaded, "full");
    let (after, rest) = (write(&sink, 4), end(&sink));
    before.await?;
    let (refused, after) = (refused.await.err(), after.await.err());
    let mut errors = vec![rest.await.err(), write(&sink, 5).await.err(), end(&sink).await.err()];
    if setting.streams_are_answered() {
        errors.extend([refused, after]);
    }
    for (index, error) in errors.into_iter().enumerate() {
        let error = error.ok_or_else(|| Failure::new(format!("call {index} after the failure succeeded")))?;
        ensure_eq!(
            (error.kind, error.extra),
            (ErrorKind::Overloaded, setting.told("full")),
            "the error of call {index}"
        );
    }
    // Only this sink has failed.
    ensure_eq!(end(&crate::calls::sink(&setting.far).await?).await?, Vec::<u32>::new(), "another sink");
    Ok(())
}

pub(crate) async fn of_one_sink_does_not_wait_for_another(setting: &Setting<'_>) -> Outcome {
    let (one, other) = (sink(&setting.far).await?, sink(&setting.far).await?);
    let stuck = write_when(&one, 1, 1);
    write(&other, 2).await?;
    ensure_eq!(end(&other).await?, vec![2], "what the other one took");
    open(&setting.far, 1).await?;
    stuck.await?;
    Ok(())
}
