//! Whoever drops the promise of an answer gives up the call, and the other side is told by dropping its future.

use crate::calls::{
    add, add_when, call_back, counter_when, echo, echo_when, end, give_back_when, never, open, record, recorded,
    recorder_when, sink, write_when,
};
use crate::failure::{Outcome, ensure, ensure_eq};
use crate::setting::Setting;
use crate::site::Census;
use crate::turns::turns;

const ONE_CALL: Census = Census { objects: 0, calls: 1, abandoned: 0 };
const ONE_ABANDONED: Census = Census { objects: 0, calls: 0, abandoned: 1 };

pub(crate) async fn of_a_pending_call(setting: &Setting<'_>) -> Outcome {
    let call = never(&setting.far, None);
    setting.far_comes_to(ONE_CALL).await?;
    drop(call);
    setting.far_comes_to(ONE_ABANDONED).await
}

pub(crate) async fn of_one_call_among_many(setting: &Setting<'_>) -> Outcome {
    let mut calls: Vec<_> = (1..=9).map(|gate| echo_when(&setting.far, &[gate as u8], gate)).collect();
    setting.far_comes_to(Census { calls: 9, ..Census::default() }).await?;
    drop(calls.remove(4));
    setting.far_comes_to(Census { calls: 8, abandoned: 1, ..Census::default() }).await?;
    for gate in (1..=9).rev() {
        open(&setting.far, gate).await?;
    }
    let echoes = futures::future::try_join_all(calls).await?;
    ensure_eq!(echoes.concat(), vec![1, 2, 3, 4, 6, 7, 8, 9], "the answers of the others");
    Ok(())
}

pub(crate) async fn of_a_call_that_calls_back(setting: &Setting<'_>) -> Outcome {
    // The far side's own call, to us, is given up with it.
    let counter = setting.near.counter();
    let call = call_back(&setting.far, &counter, 1, 1);
    setting.near_comes_to(Census { objects: 1, ..ONE_CALL }).await?;
    drop(call);
    setting.far_comes_to(ONE_ABANDONED).await?;
    setting.near_comes_to(Census { objects: 1, ..ONE_ABANDONED }).await?;
    setting.near.open(1);
    Ok(())
}

pub(crate) async fn of_a_call_that_is_held_back(setting: &Setting<'_>) -> Outcome {
    let call = recorder_when(&setting.far, 1);
    let promise = call.pipeline.get_recorder();
    let (first, second, third) = (record(&promise, 1), record(&promise, 2), record(&promise, 3));
    drop(second);
    // So that whoever is told has heard of it.
    echo(&setting.far, b"a round trip").await?;
    open(&setting.far, 1).await?;
    first.await?;
    third.await?;
    ensure_eq!(recorded(&promise).await?, vec![1, 3], "the calls that were made");
    Ok(())
}

pub(crate) async fn of_a_call_whose_pipeline_is_used(setting: &Setting<'_>) -> Outcome {
    let call = counter_when(&setting.far, 1);
    let promise = call.pipeline.get_counter();
    let sum = add(&promise, 1);
    drop(call.promise);
    open(&setting.far, 1).await?;
    ensure_eq!(sum.await?, 1, "a call on what a dropped call returned");
    setting.far_comes_to(Census { objects: 1, ..Census::default() }).await
}

pub(crate) async fn of_a_call_that_was_answered(setting: &Setting<'_>) -> Outcome {
    // At each moment between the call and its answer.
    for moment in 0..12 {
        let call = echo_when(&setting.far, b"answered", 1 + moment);
        let opened = open(&setting.far, 1 + moment);
        turns(moment).await;
        drop(call);
        opened.await?;
    }
    ensure!(echo(&setting.far, b"fine").await? == b"fine", "the far side is confused");
    Ok(())
}

pub(crate) async fn gives_back_what_the_call_carried(setting: &Setting<'_>) -> Outcome {
    let call = never(&setting.far, Some(setting.near.counter()));
    setting.far_comes_to(ONE_CALL).await?;
    ensure_eq!(setting.near.census().objects, 1, "the counter that went along");
    drop(call);
    setting.far_comes_to(ONE_ABANDONED).await?;
    setting.near_comes_to(Census::default()).await
}

pub(crate) async fn gives_back_what_the_answer_would_have_carried(setting: &Setting<'_>) -> Outcome {
    for moment in 0..12 {
        let gate = 1 + moment;
        let (theirs, ours) =
            (counter_when(&setting.far, gate), give_back_when(&setting.far, &setting.near.counter(), gate));
        let opened = open(&setting.far, gate);
        turns(moment).await;
        drop((theirs, ours));
        opened.await?;
    }
    setting.near_is_empty().await?;
    setting.far_is_empty().await
}

pub(crate) async fn frees_a_stream(setting: &Setting<'_>) -> Outcome {
    let sink = sink(&setting.far).await?;
    let (stuck, behind) = (write_when(&sink, 1, 1), write_when(&sink, 2, 2));
    let rest = end(&sink);
    open(&setting.far, 2).await?;
    setting.far_comes_to(Census { objects: 1, calls: 1, abandoned: 0 }).await?;
    drop(stuck);
    if !setting.streams_are_answered() {
        // Nobody waited for it: the stream goes on as it was told to.
        open(&setting.far, 1).await?;
        behind.await?;
        ensure_eq!(rest.await?, vec![1, 2], "what was taken, with nothing given up");
        return Ok(());
    }
    behind.await?;
    ensure_eq!(rest.await?, vec![2], "what was taken");

    // The same for a call that only waits for its turn.
    let (first, second) = (write_when(&sink, 3, 3), write_when(&sink, 4, 4));
    let rest = end(&sink);
    drop(second);
    echo(&setting.far, b"a round trip").await?;
    open(&setting.far, 3).await?;
    first.await?;
    ensure_eq!(rest.await?, vec![2, 3], "what was taken in the end");
    // Nobody else was held up meanwhile.
    let counter = crate::calls::counter(&setting.far).await?;
    ensure_eq!(add_when(&counter, 1, 3).await?, 1, "a counter");
    Ok(())
}
