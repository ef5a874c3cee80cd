//! Several attackers at once, and a neighbour on the same thread: its calls go on, its timers are heard in time, and
//! when the attackers have ended, nothing is left of them.

mod machine;
mod node;

use std::time::{Duration, Instant};

use tokio::runtime::Builder;
use tokio::task::LocalSet;
use ww_cell::limits::TICK;
use ww_tests::attacks::Attack;
use ww_tests::neighbour::{Measured, Neighbour};
use ww_tests::usage::{open_descriptors, own_memory};

use crate::quiet;
use machine::Machine;
use node::Node;

/// How late a timer of the neighbour's may be heard, in ticks, on a machine that does nothing else: attackers compute for
/// one at most, but what they call is not interrupted, and here that is not optimized.
const LATE: u32 = 6;

/// How often an attack is tried: what else the machine does, and what the allocator keeps for the next time, comes and goes,
/// but what an attack does is always the same.
const TRIES: usize = 5;

/// How long attackers follow each other: long enough for the neighbour to have some turns.
const WATCHED: Duration = Duration::from_millis(200);

/// Bytes that the allocator may keep of what one more crowd has freed.
const KEPT: usize = 8 << 20;

/// How long what is done on other threads may take to end after its guest.
const PATIENCE: Duration = Duration::from_secs(10);

fn check(attack: Attack) {
    let _nobody = quiet::alone();
    let runtime = Builder::new_current_thread().enable_all().build().expect("start a runtime");
    LocalSet::new().block_on(&runtime, async {
        let node = Node::start().await;
        let neighbour = Neighbour::start(&node.program, node.files()).expect("make a cell");
        // What the first time leaves in caches and pools is no leak.
        node.attack(attack).await;
        tokio::time::sleep(20 * TICK).await;
        let descriptors = open_descriptors();
        let mut tries = 0..TRIES;
        while let Err(wrong) = try_once(&node, &neighbour, attack, descriptors).await {
            tries.next().unwrap_or_else(|| panic!("{}: each time something was wrong, now: {wrong}", attack.switch()));
        }
        neighbour.finish().await;
    });
}

/// Runs attackers, one crowd after the other, prints what the neighbour went through, and looks at what is left of them.
///
/// # Errors
/// What is not as it should be, where that can be the machine's fault.
async fn try_once(node: &Node, neighbour: &Neighbour, attack: Attack, descriptors: usize) -> Result<(), String> {
    let (machine, memory) = (Machine::watch(), own_memory());
    neighbour.measured();
    let start = Instant::now();
    while start.elapsed() < WATCHED {
        node.attack(attack).await;
    }
    let Measured { calls, late, late_here } = neighbour.measured();
    let (count, [call, late, here]) = (calls.len(), [calls, late, late_here].map(most));
    let machine = machine.worst();
    let switch = attack.switch();
    println!(
        "{switch}: {count} calls, {call:?} at most; timers late by {late:?}, {here:?} of it by this thread; the machine \
         itself is late by {machine:?}"
    );
    assert!(count > 0, "{switch}: the neighbour's calls did not go on");
    is_empty(node, descriptors).await;
    let kept = own_memory().saturating_sub(memory);
    if here > LATE * TICK + machine {
        return Err(format!("timers were heard late by {here:?}"));
    }
    if kept > KEPT {
        return Err(format!("{} KiB are left", kept >> 10));
    }
    Ok(())
}

/// Waits until nothing is left of the attackers.
async fn is_empty(node: &Node, descriptors: usize) {
    let start = Instant::now();
    loop {
        let (guards, flights, now) = (node.worker.guards(), node.worker.in_flight(), open_descriptors());
        if (guards, flights, now) == (0, 0, descriptors) {
            return;
        }
        let left = format!("{guards} guards, {flights} calls in flight, {now} instead of {descriptors} descriptors");
        assert!(start.elapsed() < PATIENCE, "{left} are left");
        tokio::time::sleep(TICK).await;
    }
}

fn most(times: Vec<Duration>) -> Duration {
    times.into_iter().max().unwrap_or_default()
}

ww_tests::each_attack!(tests);
