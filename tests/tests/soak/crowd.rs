//! Many guests that are alive at once.

use futures::future::join_all;
use ww_tests::say::say;
use ww_tests::scale::scaled;

use crate::alone::alone;
use crate::held::Held;
use crate::node::Node;

/// How many in full.
const CELLS: u32 = 1000;

/// How many such crowds follow the first one, for which pools and tables grow to their size.
const CROWDS: u32 = 4;

/// Starts a crowd, sees that all of it is alive, and kills it.
async fn crowd(node: &Node, count: u32) {
    let before = Held::now(node);
    let guests = node.guests(count).await;
    let all = Held::now(node);
    for answer in join_all(guests.iter().map(|guest| guest.answers())).await {
        answer.expect("a guest that is alive answers");
    }
    let each = all.memory.saturating_sub(before.memory) / count as usize;
    say(&format!("{count} guests are alive, with {} KiB each: there is {all}", each >> 10));
    for guest in guests {
        guest.kill().await;
    }
}

#[test]
fn a_crowd_of_guests_leaves_nothing() {
    alone(async |node| {
        let count = scaled(CELLS);
        crowd(node, count).await;
        let before = Held::now(node);
        for _ in 0..CROWDS {
            crowd(node, count).await;
        }
        before.again(node, "after the last crowd").await;
    });
}
