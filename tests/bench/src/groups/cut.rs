//! How fast an advance of the epoch cuts what is in flight, and that nothing is left of it.

use std::time::Instant;

use anyhow::{Result, ensure};
use futures::future::try_join_all;

use crate::memory::Memory;
use crate::node::{Guest, Node};
use crate::report::{Report, Unit};

/// Calls in flight, and the cells that made them.
const CELLS: u32 = 100;
const CALLS: u32 = 1000;

/// Advances that are timed with all of them.
const TIMED: usize = 50;

/// Advances after which memory must be flat, with fewer in flight each, so that it takes seconds. The first ones are not
/// counted: pools and tables grow to their size once.
const ADVANCES: u32 = 10_000;
const FIRST: u32 = 1000;
const FEW_CELLS: u32 = 4;
const FEW_CALLS: u32 = 20;

/// What memory may have grown by: a tenth of a byte of each advance's calls would already be more than an allocator's
/// noise.
const GROWTH_KIB: f64 = 1024.0;

/// Milliseconds in which all calls have failed.
const CUT_MS: f64 = 10.0;

const CUT: &str = "advance to the last failure that a guest sees, 1,000 calls of 100 cells";
const SWEPT: &str = "advance to the last failure in the host";
const LEFT: &str = "calls left";
const GROWTH: &str = "memory grown by 9,000 advances with 20 calls";

pub(crate) async fn measure(node: &Node, report: &mut Report) -> Result<()> {
    if !report.wants("advance") {
        return Ok(());
    }
    let (mut cut, mut swept, mut left) = (Vec::new(), Vec::new(), Vec::new());
    let cells = node.guests(CELLS).await?;
    for _ in 0..TIMED {
        let times = advance(node, &cells, CALLS / CELLS).await?;
        cut.push(times.seen);
        swept.push(times.swept);
        left.push(node.worker.in_flight() as f64);
    }
    drop(cells);
    report.add(CUT, Unit::Milliseconds, cut);
    report.add(SWEPT, Unit::Milliseconds, swept);
    report.add(LEFT, Unit::Count, left);
    report.add(GROWTH, Unit::Kibibytes, vec![growth(node).await?]);
    report.bound(CUT, CUT_MS);
    report.bound(SWEPT, CUT_MS);
    report.bound(LEFT, 0.0);
    report.bound(GROWTH, GROWTH_KIB);
    Ok(())
}

async fn growth(node: &Node) -> Result<f64> {
    let cells = node.guests(FEW_CELLS).await?;
    let mut before = 0.0;
    for count in 0..ADVANCES {
        if count == FIRST {
            before = Memory::now()?.resident;
        }
        advance(node, &cells, FEW_CALLS / FEW_CELLS).await?;
    }
    Ok((Memory::now()?.resident - before) / 1024.0)
}

/// Milliseconds from an advance on.
struct Times {
    /// Until no call was in flight in the host.
    swept: f64,
    /// Until every guest had all of its failures and said so.
    seen: f64,
}

/// Lets each guest hold calls, advances the epoch, and waits for the failures.
async fn advance(node: &Node, guests: &[Guest], calls: u32) -> Result<Times> {
    let expected = calls as usize * guests.len();
    let holding = tokio::task::spawn_local(try_join_all(guests.iter().map(|guest| {
        let mut request = guest.probe.hold_request();
        request.get().set_calls(calls);
        request.send().promise
    })));
    while node.worker.in_flight() < expected {
        tokio::task::yield_now().await;
    }
    let start = Instant::now();
    let elapsed = || start.elapsed().as_secs_f64() * 1000.0;
    node.worker.authority().advance();
    while node.worker.in_flight() > 0 {
        tokio::task::yield_now().await;
    }
    let swept = elapsed();
    let answers = holding.await??;
    let seen = elapsed();
    for answer in answers {
        let failed = answer.get()?.get_failed();
        ensure!(failed == calls, "{failed} of {calls} calls failed as disconnected");
    }
    Ok(Times { swept, seen })
}
