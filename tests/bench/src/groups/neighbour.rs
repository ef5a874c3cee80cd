//! A guest that waits and calls, beside others on its thread that compute for ever.

use std::time::Duration;

use anyhow::Result;
use ww_cell::fs::FsConfig;
use ww_tests::attacks::Attack;
use ww_tests::guest::Guest;
use ww_tests::neighbour::{Measured, Neighbour};

use crate::node::Node;
use crate::report::{Report, Unit};

/// Guests that compute.
const LOOPERS: u32 = 8;

/// How long the neighbour is looked at, a round: each of its turns is a sample.
const ROUND: Duration = Duration::from_millis(200);

/// Milliseconds in which 99 of a hundred calls are answered, however many guests compute.
const BAR_MS: f64 = 50.0;

const CALL_ALONE: &str = "call, alone";
const LATE_ALONE: &str = "timer late, alone";
const CALL: &str = "call beside 8 that compute";
const LATE: &str = "timer late beside 8 that compute";

static COMPONENT: Guest = Guest::new("tests/guests/hostile", "hostile");

/// Builds the guests.
pub(crate) fn prepare() {
    COMPONENT.component();
}

pub(crate) async fn measure(node: &Node, report: &mut Report) -> Result<()> {
    let program = COMPONENT.program().await;
    let neighbour = Neighbour::start(&program, FsConfig::new(node.empty()))?;
    // Its start is no sample.
    look_at(&neighbour, ROUND).await;
    let alone = look_at(&neighbour, ROUND * report.rounds).await;
    let switch = [Attack::EndlessLoop.switch()];
    let loopers = (0..LOOPERS).map(|_| node.guest_of(&program, &switch)).collect::<Result<Vec<_>>>()?;
    look_at(&neighbour, ROUND).await;
    let beside = look_at(&neighbour, ROUND * report.rounds).await;
    drop(loopers);
    neighbour.finish().await;
    for (call, late, measured) in [(CALL_ALONE, LATE_ALONE, alone), (CALL, LATE, beside)] {
        report.add(call, Unit::Milliseconds, milliseconds(measured.calls));
        report.add(late, Unit::Milliseconds, milliseconds(measured.late));
    }
    report.bound_most(CALL, BAR_MS);
    Ok(())
}

/// What the neighbour goes through meanwhile.
async fn look_at(neighbour: &Neighbour, time: Duration) -> Measured {
    neighbour.measured();
    tokio::time::sleep(time).await;
    neighbour.measured()
}

fn milliseconds(times: Vec<Duration>) -> Vec<f64> {
    times.into_iter().map(|time| time.as_secs_f64() * 1000.0).collect()
}
