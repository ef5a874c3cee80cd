//! Advances of the epoch, with guests that live through all of them and have calls in flight at each.

use capnp::ErrorKind;
use futures::future::join_all;
use tokio::task::yield_now;
use ww_tests::say::say;
use ww_tests::scale::scaled;

use crate::alone::alone;
use crate::bench_capnp::Task;
use crate::held::Held;
use crate::node::{Guest, Node};

/// How many advances in full.
const ADVANCES: u32 = 10_000;

/// Advances before the first look: pools and tables grow to their size once.
const FIRST: u32 = 200;

/// Guests, and calls in flight of each.
const GUESTS: u32 = 8;
const CALLS: u32 = 8;

/// Lets all guests graft and call, advances, and sees all of these calls fail.
async fn advance(node: &Node, guests: &[Guest]) {
    let calls = join_all(guests.iter().map(|guest| guest.holds(CALLS)));
    while node.counts.held.get() < CALLS * guests.len() as u32 {
        yield_now().await;
    }
    node.worker.authority().advance();
    for failed in calls.await {
        assert_eq!(failed.expect("the guest is alive"), CALLS);
    }
}

/// What a guest has had since before the first advance is dead.
async fn is_dead(guest: &Guest) {
    let mut request = guest.probe.measure_request();
    request.get().set_task(Task::Echo);
    request.get().set_calls(1);
    let error = request.send().promise.await.err().expect("what it calls is dead");
    assert_eq!(error.kind, ErrorKind::Disconnected);
}

#[test]
fn advances_leave_nothing() {
    alone(async |node| {
        let guests = node.guests(GUESTS).await;
        for _ in 0..FIRST {
            advance(node, &guests).await;
        }
        let (before, count) = (Held::now(node), scaled(ADVANCES));
        for _ in 0..count {
            advance(node, &guests).await;
        }
        say(&format!("{count} advances have ended {} calls each", GUESTS * CALLS));
        before.again(node, "after the last advance").await;
        for guest in guests {
            is_dead(&guest).await;
            guest.kill().await;
        }
    });
}
