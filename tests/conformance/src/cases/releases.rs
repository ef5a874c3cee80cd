//! What nobody holds any more is dropped, on the side where it lives, and nothing else is.

use crate::calls::{add, census, child, counter, counters, give_back, held, hold, is_yours, let_go, same};
use crate::failure::{Outcome, ensure, ensure_eq};
use crate::identity::identity;
use crate::setting::Setting;
use crate::site::Census;

fn objects(objects: u32) -> Census {
    Census { objects, ..Census::default() }
}

pub(crate) async fn of_an_object_of_the_far_side(setting: &Setting<'_>) -> Outcome {
    let (one, other) = counters(&setting.far).await?;
    ensure_eq!(census(&setting.far).await?, objects(2), "while both are held");
    drop(one);
    setting.far_comes_to(objects(1)).await?;
    ensure_eq!(add(&other, 1).await?, 1, "the one that is left");
    drop(other);
    setting.far_comes_to(objects(0)).await
}

pub(crate) async fn of_an_object_of_the_near_side(setting: &Setting<'_>) -> Outcome {
    let ours = setting.near.counter();
    hold(&setting.far, &ours).await?;
    drop(ours);
    // A few round trips, in which it could be lost.
    for _ in 0..5 {
        census(&setting.far).await?;
    }
    ensure_eq!(setting.near.census(), objects(1), "while the far side holds it");
    let_go(&setting.far).await?;
    setting.near_comes_to(objects(0)).await
}

pub(crate) async fn cross_a_new_export(setting: &Setting<'_>) -> Outcome {
    // The far side lends its object again while our giving it back is on the way.
    let mut theirs = same(&setting.far).await?;
    for _ in 0..100 {
        let again = same(&setting.far);
        drop(theirs);
        theirs = again.await?;
    }
    ensure!(is_yours(&setting.far, &theirs).await?, "the far side does not know its own object any more");
    ensure_eq!(add(&theirs, 1).await?, 1, "the counter");
    Ok(())
}

pub(crate) async fn cross_a_new_export_of_the_near_side(setting: &Setting<'_>) -> Outcome {
    // The same the other way: we lend ours again while the far side gives it back.
    let ours = setting.near.counter();
    hold(&setting.far, &ours).await?;
    for _ in 0..100 {
        let (dropped, lent) = (let_go(&setting.far), hold(&setting.far, &ours));
        dropped.await?;
        lent.await?;
    }
    let back = held(&setting.far, 0).await?;
    ensure_eq!(identity(&back), identity(&ours), "ours");
    drop((back, ours));
    ensure_eq!(setting.near.census(), objects(1), "while the far side holds it");
    let_go(&setting.far).await?;
    setting.near_comes_to(objects(0)).await
}

pub(crate) async fn of_one_reference_of_many(setting: &Setting<'_>) -> Outcome {
    let theirs = counter(&setting.far).await?;
    let copies = futures::future::try_join_all((0..10).map(|_| give_back(&setting.far, Some(&theirs)))).await?;
    drop(theirs);
    setting.far_comes_to(objects(1)).await?;
    let mut copies: Vec<_> = copies.into_iter().flatten().collect();
    let last = copies.pop();
    drop(copies);
    setting.far_comes_to(objects(1)).await?;
    drop(last);
    setting.far_comes_to(objects(0)).await?;

    let ours = setting.near.counter();
    for _ in 0..3 {
        hold(&setting.far, &ours).await?;
    }
    drop(ours);
    for left in [1, 1, 0] {
        let_go(&setting.far).await?;
        setting.near_comes_to(objects(left)).await?;
    }
    Ok(())
}

pub(crate) async fn of_what_nobody_reads(setting: &Setting<'_>) -> Outcome {
    // Results that are not looked at, and parameters that are not asked for.
    setting.far.counter_request().send().promise.await?;
    let mut request = setting.far.echo_any_request();
    request.get().get_content().set_as_capability(setting.near.counter().client.hook);
    request.send().promise.await?;
    setting.far_comes_to(objects(0)).await?;
    setting.near_comes_to(objects(0)).await
}

pub(crate) async fn of_a_chain_of_objects(setting: &Setting<'_>) -> Outcome {
    let mut counter = counter(&setting.far).await?;
    for _ in 0..50 {
        counter = child(&counter).promise.await?.get()?.get_counter()?;
    }
    setting.far_comes_to(objects(1)).await?;
    // Also where only the pipelines are kept.
    for _ in 0..50 {
        counter = child(&counter).pipeline.get_counter();
    }
    ensure_eq!(add(&counter, 1).await?, 1, "the last of the chain");
    setting.far_comes_to(objects(1)).await
}

pub(crate) async fn leave_room_for_many_more(setting: &Setting<'_>) -> Outcome {
    // Far more than may be held at once, see `table`: each is dropped before the next.
    for round in 0..200 {
        let calls = (0..100).map(|_| counter(&setting.far));
        let counters = futures::future::try_join_all(calls).await?;
        ensure_eq!(counters.len(), 100, "the counters of round {round}");
    }
    setting.far_comes_to(objects(0)).await
}
