//! Calls on what a call will return, before it has.

use capnp::ErrorKind;
use capnp::capability::FromClientHook;

use crate::calls::{add, call_back, child, counter_when, give_back_when, held, hold, is_yours, let_go, open, same};
use crate::conformance_capnp::peer;
use crate::failure::{Failure, Outcome, ensure, ensure_eq};
use crate::identity::{identity, is_same};
use crate::setting::Setting;

pub(crate) async fn on_an_answered_call(setting: &Setting<'_>) -> Outcome {
    let call = setting.far.same_request().send();
    let answered = call.promise.await?.get()?.get_counter()?;
    let pipelined = call.pipeline.get_counter();
    ensure_eq!(add(&pipelined, 2).await?, 2, "the counter");
    ensure!(is_same(&answered, &pipelined).await, "the pipeline of an answered call leads to another object");
    Ok(())
}

pub(crate) async fn on_a_pending_call(setting: &Setting<'_>) -> Outcome {
    let call = counter_when(&setting.far, 1);
    let pipelined = call.pipeline.get_counter();
    let sums = [add(&pipelined, 1), add(&pipelined, 10)];
    open(&setting.far, 1).await?;
    ensure_eq!(futures::future::try_join_all(sums).await?, vec![1, 11], "the sums");
    let answered = call.promise.await?.get()?.get_counter()?;
    ensure_eq!(add(&answered, 100).await?, 111, "the sum through the answer");
    ensure_eq!(add(&pipelined, 0).await?, 111, "the sum through the promise, which is settled now");
    Ok(())
}

pub(crate) async fn on_a_call_that_is_not_waited_for(setting: &Setting<'_>) -> Outcome {
    let pipelined = counter_when(&setting.far, 1).pipeline.get_counter();
    let sum = add(&pipelined, 1);
    open(&setting.far, 1).await?;
    ensure_eq!(sum.await?, 1, "the sum");
    ensure_eq!(add(&pipelined, 1).await?, 2, "the sum, later");
    Ok(())
}

pub(crate) async fn through_several_calls(setting: &Setting<'_>) -> Outcome {
    let first = counter_when(&setting.far, 1).pipeline.get_counter();
    let second = child(&first).pipeline.get_counter();
    let third = child(&second).pipeline.get_counter();
    let sum = add(&third, 3);
    // The children start at what their parents stand at, so this comes too late for them.
    let late = add(&first, 50);
    open(&setting.far, 1).await?;
    ensure_eq!(sum.await?, 3, "the grandchild");
    ensure_eq!(late.await?, 50, "its grandparent");
    ensure_eq!(add(&second, 0).await?, 0, "its parent");
    Ok(())
}

pub(crate) async fn through_several_answered_calls(setting: &Setting<'_>) -> Outcome {
    let first = same(&setting.far).await?;
    add(&first, 7).await?;
    let second = child(&first).pipeline.get_counter();
    let third = child(&second).pipeline.get_counter();
    ensure_eq!(add(&third, 1).await?, 8, "the grandchild");
    Ok(())
}

pub(crate) async fn of_a_promise_as_a_parameter(setting: &Setting<'_>) -> Outcome {
    let call = counter_when(&setting.far, 1);
    let promise = call.pipeline.get_counter();
    hold(&setting.far, &promise).await?;
    let sum = call_back(&setting.far, &promise, 3, 0);
    open(&setting.far, 1).await?;
    ensure_eq!(sum.await?, 3, "what the far side made of the promise");
    let settled = call.promise.await?.get()?.get_counter()?;
    ensure_eq!(add(&settled, 0).await?, 3, "the object itself");
    let back = held(&setting.far, 0).await?;
    ensure_eq!(add(&back, 1).await?, 4, "the promise that was held, called");
    let_go(&setting.far).await?;
    // Sent again, now that it is settled, it is the far side's own object.
    let call = setting.far.same_request().send();
    let promise = call.pipeline.get_counter();
    call.promise.await?;
    ensure!(is_yours(&setting.far, &promise).await?, "the far side does not know what it promised");
    Ok(())
}

pub(crate) async fn to_an_object_of_the_near_side(setting: &Setting<'_>) -> Outcome {
    let ours = setting.near.counter();
    let call = give_back_when(&setting.far, &ours, 1);
    let promise = call.pipeline.get_counter();
    let sum = add(&promise, 5);
    ensure_eq!(add(&ours, 0).await?, 0, "before it comes home");
    open(&setting.far, 1).await?;
    ensure_eq!(sum.await?, 5, "the sum");
    let back = call.promise.await?.get()?.get_counter()?;
    ensure_eq!(identity(&back), identity(&ours), "who came home");
    ensure_eq!(add(&promise, 1).await?, 6, "the promise, settled");
    Ok(())
}

pub(crate) async fn on_a_call_that_fails(setting: &Setting<'_>) -> Outcome {
    // A counter has no such method, so nothing will come of it.
    let broken: peer::Client = same(&setting.far).await?.cast_to();
    let call = counter_when(&broken, 1);
    let (sum, grandchild) = {
        let promise = call.pipeline.get_counter();
        (add(&promise, 1), add(&child(&promise).pipeline.get_counter(), 1))
    };
    for (answer, what) in [(sum.await, "a call"), (grandchild.await, "a call on a call")] {
        let error = answer.err().ok_or_else(|| Failure::new(format!("{what} on a failed call succeeded")))?;
        ensure_eq!(error.kind, ErrorKind::Unimplemented, "the kind of the error of {what}: {error}");
    }
    ensure!(call.promise.await.is_err(), "a counter gave a counter");
    Ok(())
}

pub(crate) async fn on_a_place_where_nothing_is(setting: &Setting<'_>) -> Outcome {
    let mut request = setting.far.give_back_when_request();
    request.get().set_gate(1);
    let call = request.send();
    let before = add(&call.pipeline.get_counter(), 1);
    open(&setting.far, 1).await?;
    ensure!(before.await.is_err(), "a call on nothing, made early, succeeded");
    ensure!(!call.promise.await?.get()?.has_counter(), "nothing came back as something");
    if setting.traits().nothing_can_be_pipelined_on {
        ensure!(add(&call.pipeline.get_counter(), 1).await.is_err(), "a call on nothing, made late, succeeded");
    }
    Ok(())
}

pub(crate) async fn of_one_place_twice_is_one_object(setting: &Setting<'_>) -> Outcome {
    let call = counter_when(&setting.far, 1);
    let (one, other) = (call.pipeline.get_counter(), call.pipeline.get_counter());
    let sums = [add(&one, 1), add(&other, 1), add(&one, 1)];
    open(&setting.far, 1).await?;
    ensure_eq!(futures::future::try_join_all(sums).await?, vec![1, 2, 3], "the sums");
    ensure!(is_same(&one, &other).await, "two promises of one place are two objects");
    Ok(())
}
