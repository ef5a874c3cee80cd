//! The time.

use std::time::Instant;

use serde_json::json;
use ww_plugin::{Result, testing};

use super::{elapsed, machine, now, open, timer, wait, with_clock};

const SECOND: i128 = 1_000_000_000;

#[test]
fn the_time_is_that_of_the_machine_and_an_offset() -> Result<()> {
    for (config, offset) in [(json!({}), 0), (json!({ "offset": 3600 }), 3600), (json!({ "offset": -86400 }), -86400)] {
        with_clock(config, async |opened| {
            let clock = opened.attach("guest").await?;
            let (before, now, after) = (machine(), now(&clock).await?, machine());
            assert!((before..=after).contains(&(now - offset * SECOND)), "{before} {now} {after}");
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn an_offset_leads_anywhere() -> Result<()> {
    for offset in [i64::MIN, i64::MAX] {
        with_clock(json!({ "offset": offset }), async |opened| {
            let now = now(&opened.attach("guest").await?).await?;
            let expected = machine() + i128::from(offset) * SECOND;
            let nearest = expected.clamp(i128::from(i64::MIN) * SECOND, i128::from(i64::MAX) * SECOND);
            assert!((now - nearest).abs() < 60 * SECOND, "{now}");
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn time_passes_at_a_rate_for_all_callers() -> Result<()> {
    for rate in [100.0, 0.5] {
        with_clock(json!({ "rate": rate }), async |opened| {
            let (one, other) = (opened.attach("one").await?, opened.attach("other").await?);
            let real = Instant::now();
            let (start, wall) = (elapsed(&one).await?, now(&one).await?);
            let began = real.elapsed();
            wait(&timer(&other, (20e6 * rate) as u64).await?).await?;
            let waited = real.elapsed() - began;
            let (passed, wall) = (elapsed(&other).await? - start, now(&other).await? - wall);
            // No less than while it waited, and no more than in all; but the machine's wall time may be set a little.
            let (least, most) = (waited.as_nanos() as f64 * rate, real.elapsed().as_nanos() as f64 * rate);
            assert!((least - 2.0..=most + 2.0).contains(&(passed as f64)), "{least} {passed} {most}");
            assert!((least - 1e6..=most + 1e6).contains(&(wall as f64)), "{least} {wall} {most}");
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn a_clock_does_not_stand_still_or_run_back() {
    testing::run(async {
        for (rate, why) in [
            (json!(0), "a clock runs at a rate above 0, such as 10.0, and not at 0"),
            (json!(-1.5), "a clock runs at a rate above 0, such as 10.0, and not at -1.5"),
            (json!("fast"), "invalid type: string \"fast\", expected f64"),
            (json!(f64::INFINITY), "invalid type: null, expected f64"),
        ] {
            let refused = open(json!({ "rate": rate })).await.err().map(|error| error.extra);
            assert_eq!(refused, Some(format!("key 'rate' in its configuration: {why}")));
        }
    });
}
