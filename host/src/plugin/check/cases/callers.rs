//! Callers: many, all at once, and those that go away.

use futures::FutureExt as _;
use futures::future::{join_all, try_join_all};

use super::super::instance::{NO_INTERFACE, call, unknown};
use super::super::outcome::Found;
use super::super::subject::Subject;

const CALLERS: usize = 100;
const IN_FLIGHT: usize = 1000;

/// Each of many callers gets a capability, one that works, and so does one who comes again.
pub(in crate::plugin::check) async fn hundred(subject: &Subject) -> Found<()> {
    let opened = subject.open().await?;
    let mut caps = Vec::with_capacity(CALLERS + 1);
    for number in (0..CALLERS).chain([0]) {
        caps.push(opened.attach(number).await?);
    }
    for cap in &caps {
        unknown("a call of an interface that nobody has", &*cap.hook, NO_INTERFACE, 0).await?;
    }
    drop(caps);
    opened.finish().await
}

/// All are answered that are asked for at once.
pub(in crate::plugin::check) async fn thousand(subject: &Subject) -> Found<()> {
    let opened = subject.open().await?;
    try_join_all((0..IN_FLIGHT).map(|number| opened.attach(number))).await?;
    opened.finish().await
}

/// Calls that are given up, before and after they have begun, harm nobody.
pub(in crate::plugin::check) async fn cancelled(subject: &Subject) -> Found<()> {
    let opened = subject.open().await?;
    let cap = opened.attach(0).await?;
    for turns in 0..3 {
        let mut attaching: Vec<_> = (0..CALLERS).map(|number| Box::pin(opened.attach(number))).collect();
        let mut calling: Vec<_> = (0..CALLERS).map(|_| Box::pin(call(&*cap.hook, NO_INTERFACE, 0))).collect();
        // Those that are answered at once cannot be given up.
        attaching.retain_mut(|pending| pending.as_mut().now_or_never().is_none());
        calling.retain_mut(|pending| pending.as_mut().now_or_never().is_none());
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
        drop((attaching, calling));
    }
    // Somebody stays while others go.
    let (stay, go) = (opened.attach(1), join_all((0..CALLERS).map(|number| opened.attach(number))));
    let mut go = Box::pin(go);
    let _ = go.as_mut().now_or_never();
    drop(go);
    let stays = stay.await?;
    unknown("a call of an interface that nobody has", &*stays.hook, NO_INTERFACE, 0).await?;
    opened.finish().await
}
