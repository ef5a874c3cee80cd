//! Calls on one reference arrive in the order in which they were made.

use futures::future::try_join_all;

use crate::calls::{open, play_to, record, record_when, recorded, recorder, recorder_when};
use crate::conformance_capnp::{counter, recorder as recorder_capnp};
use crate::failure::{Outcome, ensure_eq};
use crate::setting::Setting;

fn up_to(count: u32) -> Vec<u32> {
    (0..count).collect()
}

pub(crate) async fn of_calls_on_one_reference(setting: &Setting<'_>) -> Outcome {
    let recorder = recorder(&setting.far).await?;
    let calls: Vec<_> = (0..100).map(|number| record(&recorder, number)).collect();
    // Asked for before anybody has waited for anything.
    let so_far = recorded(&recorder);
    ensure_eq!(so_far.await?, up_to(100), "the order");
    try_join_all(calls).await?;
    Ok(())
}

pub(crate) async fn of_calls_that_are_answered_later(setting: &Setting<'_>) -> Outcome {
    let recorder = recorder(&setting.far).await?;
    let calls: Vec<_> = (0..20)
        .map(|number| match number % 3 {
            0 => record_when(&recorder, number, 1),
            1 => record(&recorder, number),
            _ => record_when(&recorder, number, 2),
        })
        .collect();
    ensure_eq!(recorded(&recorder).await?, up_to(20), "the order");
    open(&setting.far, 2).await?;
    open(&setting.far, 1).await?;
    try_join_all(calls).await?;
    Ok(())
}

pub(crate) async fn of_calls_from_the_far_side(setting: &Setting<'_>) -> Outcome {
    let ours = setting.near.recorder();
    play_to(&setting.far, &ours, 100).await?;
    ensure_eq!(recorded(&ours).await?, up_to(100), "the order");
    Ok(())
}

pub(crate) async fn of_calls_on_a_pending_promise(setting: &Setting<'_>) -> Outcome {
    let call = recorder_when(&setting.far, 1);
    let promise = call.pipeline.get_recorder();
    let calls: Vec<_> = (0..10).map(|number| record(&promise, number)).collect();
    open(&setting.far, 1).await?;
    // Nobody has looked at the calls; they were made all the same, and before the answer arrived.
    let answered = call.promise.await?.get()?.get_recorder()?;
    ensure_eq!(recorded(&answered).await?, up_to(10), "the order");
    try_join_all(calls).await?;
    Ok(())
}

pub(crate) async fn of_calls_before_and_after_a_promise_settles(setting: &Setting<'_>) -> Outcome {
    let call = recorder_when(&setting.far, 1);
    let promise = call.pipeline.get_recorder();
    let mut calls: Vec<_> = (0..10).map(|number| record(&promise, number)).collect();
    let opened = open(&setting.far, 1);
    // The gate is open by now, or will be any moment: whoever is called directly must not overtake who is held back.
    calls.extend((10..20).map(|number| record(&promise, number)));
    opened.await?;
    calls.extend((20..30).map(|number| record(&promise, number)));
    let answered = call.promise.await?.get()?.get_recorder()?;
    calls.extend((30..40).map(|number| record(&promise, number)));
    calls.extend((40..50).map(|number| record(&answered, number)));
    calls.extend((50..60).map(|number| record(&promise, number)));
    ensure_eq!(recorded(&answered).await?, up_to(60), "the order");
    try_join_all(calls).await?;
    Ok(())
}

pub(crate) async fn of_calls_on_a_promise_that_comes_home(setting: &Setting<'_>) -> Outcome {
    let ours = setting.near.recorder();
    let mut request = setting.far.give_back_when_request();
    request.get().set_counter(cast::<counter::Client>(ours.clone()));
    request.get().set_gate(1);
    let call = request.send();
    let promise: recorder_capnp::Client = cast(call.pipeline.get_counter());
    let mut calls: Vec<_> = (0..10).map(|number| record(&promise, number)).collect();
    open(&setting.far, 1).await?;
    calls.extend((10..20).map(|number| record(&promise, number)));
    let home: recorder_capnp::Client = cast(call.promise.await?.get()?.get_counter()?);
    let last = if setting.traits().answers_follow_pipelines { &home } else { &promise };
    calls.extend((20..30).map(|number| record(last, number)));
    try_join_all(calls).await?;
    ensure_eq!(recorded(&ours).await?, up_to(30), "the order");
    Ok(())
}

fn cast<C: capnp::capability::FromClientHook>(client: impl capnp::capability::FromClientHook) -> C {
    client.cast_to()
}

pub(crate) async fn of_calls_on_two_references_to_one_object(setting: &Setting<'_>) -> Outcome {
    let call = setting.far.recorder_request().send();
    let (pipelined, answered) = (call.pipeline.get_recorder(), call.promise.await?.get()?.get_recorder()?);
    let calls: Vec<_> = (0..20)
        .map(|number| if number % 2 == 0 { record(&pipelined, number) } else { record(&answered, number) })
        .collect();
    ensure_eq!(recorded(&answered).await?, up_to(20), "the order");
    try_join_all(calls).await?;
    Ok(())
}
