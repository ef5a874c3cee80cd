//! The provider, opened without a node.

mod capability;
mod command_line;
mod tickers;
mod timers;

use std::time::{SystemTime, UNIX_EPOCH};

use clock_api::{clock, timer};
use serde_json::Value;
use ww_plugin::capnp::Error;
use ww_plugin::testing::{self, Opened};
use ww_plugin::{Grants, Result};

use crate::Provider;

/// Runs a test with a clock of this configuration.
fn with_clock(config: Value, test: impl AsyncFnOnce(Opened<Provider>) -> Result<()>) -> Result<()> {
    testing::run(async { test(open(config).await?).await })
}

async fn open(config: Value) -> Result<Opened<Provider>, Error> {
    testing::open(config, Grants::default()).await
}

/// Nanoseconds since 1970, by the machine.
fn machine() -> i128 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a machine whose clock was set");
    i128::try_from(since.as_nanos()).expect("a machine whose clock was set")
}

/// Nanoseconds since 1970, by the clock.
async fn now(clock: &clock::Client) -> Result<i128, Error> {
    let answer = clock.now_request().send().promise.await?;
    let now = answer.get()?;
    Ok(i128::from(now.get_seconds()) * 1_000_000_000 + i128::from(now.get_nanoseconds()))
}

async fn elapsed(clock: &clock::Client) -> Result<u64, Error> {
    Ok(clock.elapsed_request().send().promise.await?.get()?.get_nanoseconds())
}

async fn timer(clock: &clock::Client, after: u64) -> Result<timer::Client, Error> {
    let mut request = clock.timer_request();
    request.get().set_after(after);
    request.send().promise.await?.get()?.get_timer()
}

async fn wait(timer: &timer::Client) -> Result<(), Error> {
    timer.wait_request().send().promise.await.map(drop)
}
