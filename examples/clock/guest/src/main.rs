//! A guest of `clock`: it counts the seconds, and rings when its time is over.
//!
//! `ww run … -- SECONDS`

mod listener;

use std::process::ExitCode;
use std::time::Duration;

use clock_api::{clock, ticker};
use ww_guest::{Error, Result};

use crate::listener::Listener;

const SECOND: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    ww_guest::run(ring())
}

async fn ring() -> Result<()> {
    let clock: clock::Client = ww_guest::graft_only(&["clock"]).await?.get("clock")?;
    let word = std::env::args().nth(1).ok_or_else(|| Error::new("say in how many seconds it is to ring".to_owned()))?;
    let after = Duration::from_secs(word.parse()?);
    println!("it is {}", now(&clock).await?);
    let start = elapsed(&clock).await?;
    let mut request = clock.timer_request();
    request.get().set_after(nanoseconds(after)?);
    let timer = request.send().promise.await?.get()?.get_timer()?;
    let ticker = count(&clock).await?;
    // Its listener is called meanwhile.
    timer.wait_request().send().promise.await?;
    drop(ticker);
    println!("it rings, after {}", (elapsed(&clock).await? - start).as_secs());
    println!("it is {}", now(&clock).await?);
    Ok(())
}

/// Counts the seconds, until what it returns is dropped.
async fn count(clock: &clock::Client) -> Result<ticker::Client> {
    let mut request = clock.ticker_request();
    request.get().set_every(nanoseconds(SECOND)?);
    request.get().set_listener(ww_guest::new_client(Listener));
    Ok(request.send().promise.await?.get()?.get_ticker()?)
}

/// Seconds since 1970.
async fn now(clock: &clock::Client) -> Result<i64> {
    Ok(clock.now_request().send().promise.await?.get()?.get_seconds())
}

async fn elapsed(clock: &clock::Client) -> Result<Duration> {
    Ok(Duration::from_nanos(clock.elapsed_request().send().promise.await?.get()?.get_nanoseconds()))
}

fn nanoseconds(duration: Duration) -> Result<u64> {
    Ok(u64::try_from(duration.as_nanos())?)
}
