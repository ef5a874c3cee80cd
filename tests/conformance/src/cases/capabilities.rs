//! Capabilities go both ways, and one that comes home is the same object again.

use capnp::capability::FromClientHook;

use crate::calls::{
    add, bounce, call_back, counter, counters, give_back, give_back_all, give_back_when, held, hold, is_yours, let_go,
    open, same,
};
use crate::conformance_capnp::{counter as counter_capnp, peer};
use crate::failure::{Failure, Outcome, ensure, ensure_eq};
use crate::identity::{identity, is_same};
use crate::setting::Setting;

pub(crate) async fn are_objects_with_a_state(setting: &Setting<'_>) -> Outcome {
    let (one, other) = counters(&setting.far).await?;
    ensure_eq!(add(&one, 5).await?, 5, "the first counter");
    ensure_eq!(add(&other, 1).await?, 1, "the second counter");
    ensure_eq!(add(&one, -2).await?, 3, "the first counter again");
    Ok(())
}

pub(crate) async fn of_one_object_are_the_same(setting: &Setting<'_>) -> Outcome {
    let (one, other) = (same(&setting.far).await?, same(&setting.far).await?);
    ensure!(is_same(&one, &other).await, "one object was received twice as two");
    add(&one, 1).await?;
    ensure_eq!(add(&other, 1).await?, 2, "what it stands at");
    Ok(())
}

pub(crate) async fn of_two_objects_differ(setting: &Setting<'_>) -> Outcome {
    let (one, other) = counters(&setting.far).await?;
    ensure!(!is_same(&one, &other).await, "two objects were received as one");
    ensure!(!is_yours(&setting.far, &one).await?, "a new counter passed for the one of `same`");
    Ok(())
}

pub(crate) async fn of_the_near_side_are_called_back(setting: &Setting<'_>) -> Outcome {
    let counter = setting.near.counter();
    ensure_eq!(call_back(&setting.far, &counter, 10, 0).await?, 10, "what the far side saw");
    ensure_eq!(add(&counter, 0).await?, 10, "what the counter stands at");
    Ok(())
}

async fn given_back(far: &peer::Client, counter: &counter_capnp::Client) -> Outcome<counter_capnp::Client> {
    let back = give_back(far, Some(counter)).await?;
    back.ok_or_else(|| Failure::new("a capability came back as null"))
}

pub(crate) async fn of_the_near_side_come_home_as_themselves(setting: &Setting<'_>) -> Outcome {
    let counter = setting.near.counter();
    let mut back = given_back(&setting.far, &counter).await?;
    ensure_eq!(identity(&back), identity(&counter), "who came home");
    // However often it goes.
    for _ in 0..10 {
        back = given_back(&setting.far, &back).await?;
    }
    ensure_eq!(identity(&back), identity(&counter), "who came home many times");
    Ok(())
}

pub(crate) async fn of_the_near_side_come_home_later(setting: &Setting<'_>) -> Outcome {
    let counter = setting.near.counter();
    let call = give_back_when(&setting.far, &counter, 1);
    open(&setting.far, 1).await?;
    let back = call.promise.await?.get()?.get_counter()?;
    ensure_eq!(identity(&back), identity(&counter), "who came home");
    Ok(())
}

pub(crate) async fn of_the_far_side_come_home_as_themselves(setting: &Setting<'_>) -> Outcome {
    let theirs = same(&setting.far).await?;
    ensure!(is_yours(&setting.far, &theirs).await?, "the far side does not know its own object");
    let back = given_back(&setting.far, &theirs).await?;
    ensure!(is_same(&back, &theirs).await, "an object of the far side came back as another one");
    ensure!(is_yours(&setting.far, &back).await?, "the far side does not know its own object, sent twice");
    let ours = setting.near.counter();
    ensure!(!is_yours(&setting.far, &ours).await?, "the far side takes ours for its own");
    Ok(())
}

pub(crate) async fn that_were_held_come_home_as_themselves(setting: &Setting<'_>) -> Outcome {
    let (ours, theirs) = (setting.near.counter(), same(&setting.far).await?);
    hold(&setting.far, &ours).await?;
    hold(&setting.far, &theirs).await?;
    ensure_eq!(identity(&held(&setting.far, 0).await?), identity(&ours), "ours");
    let back = held(&setting.far, 1).await?;
    ensure!(is_same(&back, &theirs).await, "theirs came back as another one");
    let_go(&setting.far).await?;
    let_go(&setting.far).await?;
    Ok(())
}

pub(crate) async fn may_be_null(setting: &Setting<'_>) -> Outcome {
    ensure!(give_back(&setting.far, None).await?.is_none(), "null came back as something");
    Ok(())
}

pub(crate) async fn keep_their_places_in_a_message(setting: &Setting<'_>) -> Outcome {
    let (one, other) = counters(&setting.far).await?;
    let ours = setting.near.counter();
    let sent: Vec<_> = (0..300)
        .map(|index| match index % 5 {
            0 => Some(ours.clone()),
            1 => Some(one.clone()),
            2 => None,
            3 => Some(other.clone()),
            _ => Some(setting.near.counter()),
        })
        .collect();
    let back = give_back_all(&setting.far, &sent).await?;
    let identities =
        |all: &[Option<counter_capnp::Client>]| all.iter().map(|it| it.as_ref().map(identity)).collect::<Vec<_>>();
    ensure!(identities(&back) == identities(&sent), "capabilities came back in other places");
    Ok(())
}

pub(crate) async fn are_roots_too(setting: &Setting<'_>) -> Outcome {
    // What each side serves can be sent like anything else, and dropped.
    let root = setting.far.clone().cast_to::<counter_capnp::Client>();
    for _ in 0..3 {
        let back = given_back(&setting.far, &root).await?;
        ensure!(is_same(&back, &root).await, "the far side's root came back as another object");
    }
    hold(&setting.far, &root).await?;
    let_go(&setting.far).await?;
    let ours = setting.near.peer().cast_to::<counter_capnp::Client>();
    let back = given_back(&setting.far, &ours).await?;
    ensure_eq!(identity(&back), identity(&ours), "our own root");
    Ok(())
}

pub(crate) async fn outlive_the_call_that_brought_them(setting: &Setting<'_>) -> Outcome {
    let ours = setting.near.counter();
    hold(&setting.far, &ours).await?;
    let back = held(&setting.far, 0).await?;
    drop(ours);
    let_go(&setting.far).await?;
    ensure_eq!(add(&back, 1).await?, 1, "a counter that only its second reference keeps");

    let theirs = counter(&setting.far).await?;
    ensure_eq!(add(&theirs, 1).await?, 1, "a counter that only we keep");
    Ok(())
}

pub(crate) async fn that_were_received_twice_and_dropped_once_still_work(setting: &Setting<'_>) -> Outcome {
    let (one, other) = (same(&setting.far).await?, same(&setting.far).await?);
    drop(one);
    ensure!(is_yours(&setting.far, &other).await?, "the second copy");
    ensure_eq!(add(&other, 1).await?, 1, "the second copy called");

    let ours = setting.near.counter();
    hold(&setting.far, &ours).await?;
    hold(&setting.far, &ours).await?;
    let_go(&setting.far).await?;
    let back = held(&setting.far, 0).await?;
    ensure_eq!(identity(&back), identity(&ours), "our own, of which one copy was dropped over there");
    let_go(&setting.far).await?;
    Ok(())
}

pub(crate) async fn call_back_and_forth(setting: &Setting<'_>) -> Outcome {
    let near = setting.near.peer();
    ensure_eq!(bounce(&setting.far, &near, &setting.far, 32).await?, 32, "how often it went");
    // Both sides at once.
    let calls = [bounce(&setting.far, &near, &setting.far, 9), bounce(&near, &setting.far, &near, 8)];
    let times = futures::future::try_join_all(calls).await?;
    ensure_eq!(times, vec![9, 8], "how often they went");
    Ok(())
}
