//! Guests that are started and come to their end, in every way.

use capnp::ErrorKind;
use futures::future::join_all;
use tokio::task::yield_now;
use ww_cell::Exit;
use ww_tests::say::say;
use ww_tests::scale::scaled;

use crate::alone::alone;
use crate::bench_capnp::Task;
use crate::held::Held;
use crate::node::{Guest, Node};

/// How many guests in full.
const SPAWNS: u32 = 10_000;

/// Guests of each way before the first look: pools and tables grow to their size once.
const FIRST: u32 = 50;

/// Calls in flight when a guest is killed.
const CALLS: u32 = 8;

/// How a guest comes to its end.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// It is dropped before it runs.
    BeforeItRuns,
    /// It is killed in its first turn.
    AtItsStart,
    /// It is killed while it waits.
    WhileItWaits,
    /// It is killed with calls in both directions.
    InCalls,
    /// It is killed while it calls without pause.
    WhileItComputes,
    /// The node ends its connection, and it leaves.
    WithItsConnection,
    /// It leaves at once.
    ByItself,
}

impl Way {
    const ALL: [Self; 7] = [
        Self::BeforeItRuns,
        Self::AtItsStart,
        Self::WhileItWaits,
        Self::InCalls,
        Self::WhileItComputes,
        Self::WithItsConnection,
        Self::ByItself,
    ];

    /// Starts a guest, and brings it to its end.
    async fn go(self, node: &Node) {
        match self {
            Self::BeforeItRuns => drop(node.cell(&[])),
            Self::AtItsStart => {
                let guest = Guest::start(node.cell(&[]));
                yield_now().await;
                guest.kill().await;
            }
            Self::WhileItWaits => node.guest().await.kill().await,
            Self::InCalls => {
                let guest = node.guest().await;
                let calls = guest.holds(CALLS);
                while node.counts.held.get() < CALLS {
                    yield_now().await;
                }
                guest.kill().await;
                ends_disconnected(calls.await);
            }
            Self::WhileItComputes => {
                let guest = node.guest().await;
                let mut request = guest.probe.measure_request();
                request.get().set_task(Task::Echo);
                request.get().set_calls(u32::MAX);
                let (calls, answered) = (request.send().promise, node.counts.answered.get());
                while node.counts.answered.get() == answered {
                    yield_now().await;
                }
                guest.kill().await;
                ends_disconnected(calls.await);
            }
            Self::WithItsConnection => {
                let guest = node.guest().await;
                guest.close();
                assert_eq!(guest.end().await, Exit::Code(0));
            }
            Self::ByItself => assert_eq!(Guest::start(node.cell(&["exit"])).end().await, Exit::Code(0)),
        }
    }
}

/// Whoever calls a guest that is killed is told.
fn ends_disconnected<T>(outcome: capnp::Result<T>) {
    let kind = outcome.err().map(|error| error.kind);
    assert_eq!(kind, Some(ErrorKind::Disconnected));
}

/// Guests of all ways at once, over and over.
async fn waves(node: &Node, count: u32) {
    for _ in 0..count {
        join_all(Way::ALL.map(|way| way.go(node))).await;
    }
}

#[test]
fn guests_that_have_ended_leave_nothing() {
    alone(async |node| {
        waves(node, FIRST).await;
        let before = Held::now(node);
        let count = scaled(SPAWNS).div_ceil(Way::ALL.len() as u32);
        waves(node, count).await;
        say(&format!("{} guests have come to their ends", count * Way::ALL.len() as u32));
        before.again(node, "after the last guest").await;
    });
}
