//! The guest that measures, and is measured. Its first argument says what it does; without one it serves a `Probe`.

#[path = "../../../bench/src/bench_capnp.rs"]
mod bench_capnp;
#[path = "../../../bench/src/caller.rs"]
mod caller;
mod files;
mod probe;

use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use futures::FutureExt;
use ww_guest::new_client;

use crate::bench_capnp::echo;
use crate::probe::{Echo, NAME, Probe};

fn main() -> ExitCode {
    // Before anything else: this is the moment that `main` was reached.
    let reached = SystemTime::now();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => ww_guest::run(serve()),
        ["exit"] => ExitCode::SUCCESS,
        ["main"] => report(Ok(since_epoch(reached))),
        ["graft"] => ww_guest::run(graft()),
        ["timer", rounds] => report(lateness(rounds)),
        ["open", times] => report(files::open(times)),
        ["read", times] => report(files::read(times)),
        ["list", times] => report(files::list(times)),
        ["stream"] => report(files::stream()),
        _ => report(Err(format!("no such task: {}", arguments.join(" ")).into())),
    }
}

/// A number, or why there is none.
type Outcome = Result<u128, Box<dyn std::error::Error>>;

/// Prints the number, in nanoseconds, for the harness to read.
fn report(outcome: Outcome) -> ExitCode {
    match outcome {
        Ok(nanoseconds) => {
            println!("{nanoseconds}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn since_epoch(time: SystemTime) -> u128 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos()
}

/// Serves a probe until the harness ends the connection.
async fn serve() -> ww_guest::Result<()> {
    let probe = Probe::new(new_client(Echo), Box::new(|| graft_echo().boxed_local())).await?;
    let probe: bench_capnp::probe::Client = new_client(probe);
    ww_guest::serve(probe).await
}

async fn graft_echo() -> capnp::Result<echo::Client> {
    let granted = async { ww_guest::graft_only(&[NAME]).await?.get(NAME) };
    granted.await.map_err(|error: ww_guest::Error| capnp::Error::failed(error.to_string()))
}

async fn graft() -> ww_guest::Result<()> {
    ww_guest::graft().await.map(drop)
}

/// How late the latest of some timers of a millisecond was.
fn lateness(rounds: &str) -> Outcome {
    let step = Duration::from_millis(1);
    let mut worst = Duration::ZERO;
    for _ in 0..rounds.parse::<u32>()? {
        let start = Instant::now();
        std::thread::sleep(step);
        worst = worst.max(start.elapsed().saturating_sub(step));
    }
    Ok(worst.as_nanos())
}
