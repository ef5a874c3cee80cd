//! Timers.

use std::time::Duration;

use futures::future::try_join_all;
use serde_json::json;
use ww_plugin::Result;
use ww_plugin::capnp::ErrorKind;
use ww_plugin::time::timeout;

use super::{elapsed, timer, wait, with_clock};

#[test]
fn a_timer_fires_in_time_and_stays_fired() -> Result<()> {
    for rate in [1.0, 3.0, 0.7] {
        with_clock(json!({ "rate": rate }), async |opened| {
            let clock = opened.attach("guest").await?;
            for after in [0, 1, 999, 30_000_001] {
                let set = elapsed(&clock).await?;
                let timer = timer(&clock, after).await?;
                try_join_all([wait(&timer), wait(&timer)]).await?;
                assert!(elapsed(&clock).await? >= set + after, "too early");
                wait(&timer).await?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn a_fast_clock_fires_what_is_far() -> Result<()> {
    with_clock(json!({ "rate": 1e6 }), async |opened| {
        let day = Duration::from_secs(86_400).as_nanos() as u64;
        wait(&timer(&opened.attach("guest").await?, day).await?).await?;
        Ok(())
    })
}

#[test]
fn what_is_past_the_end_of_a_clock_never_comes() -> Result<()> {
    // It is at its end after a microsecond.
    with_clock(json!({ "rate": 1e100 }), async |opened| {
        let clock = opened.attach("guest").await?;
        while elapsed(&clock).await? < u64::MAX {}
        let timer = timer(&clock, 1).await?;
        assert!(timeout(Duration::from_millis(20), wait(&timer)).await.is_err());
        Ok(())
    })
}

#[test]
fn a_caller_has_1024_timers_at_once() -> Result<()> {
    with_clock(json!({}), async |opened| {
        // Who grafts twice is one caller.
        let (clock, again) = (opened.attach("guest").await?, opened.attach("guest").await?);
        let mut timers = Vec::new();
        for _ in 0..512 {
            timers.push(timer(&clock, 0).await?);
            timers.push(timer(&again, u64::MAX).await?);
        }
        let refused = timer(&again, 0).await.err().map(|error| (error.kind, error.extra));
        let text = "1024 timers and tickers are set, which is the most".to_owned();
        assert_eq!(refused, Some((ErrorKind::Overloaded, text)));
        timer(&opened.attach("other").await?, 0).await?;
        timers.pop();
        timers.push(timer(&clock, 0).await?);
        // What is left of it counts, whoever holds it.
        drop((clock, again));
        let once_more = opened.attach("guest").await?;
        assert_eq!(timer(&once_more, 0).await.err().map(|error| error.kind), Some(ErrorKind::Overloaded));
        drop(timers);
        timer(&once_more, 0).await?;
        Ok(())
    })
}
