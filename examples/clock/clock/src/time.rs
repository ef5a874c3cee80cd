//! The time of a clock that may run ahead, or behind, or at another rate than time itself.

use std::future::pending;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ww_plugin::time::sleep;

use crate::rate::Rate;

const NANOSECONDS: i128 = 1_000_000_000;

/// What is past the end of a clock, after 584 years of its own, never comes.
const NEVER: u64 = u64::MAX;

pub(crate) struct Time {
    opened: Instant,
    offset: i64,
    rate: Rate,
}

/// Seconds since 1970, and nanoseconds of the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wall {
    pub(crate) seconds: i64,
    pub(crate) nanoseconds: u32,
}

impl Time {
    pub(crate) fn new(offset: i64, rate: Rate) -> Self {
        Self { opened: Instant::now(), offset, rate }
    }

    /// The wall time: that of the machine, which somebody may set, further by the offset and by what this clock has gained
    /// since it was opened.
    pub(crate) fn wall(&self) -> Wall {
        let machine = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => nanoseconds(since),
            Err(before) => -nanoseconds(before.duration()),
        };
        let passed = self.opened.elapsed();
        let gained = i128::from(self.scaled(passed)) - nanoseconds(passed);
        let now = machine + i128::from(self.offset) * NANOSECONDS + gained;
        Wall {
            seconds: now.div_euclid(NANOSECONDS).clamp(i64::MIN.into(), i64::MAX.into()) as i64,
            nanoseconds: now.rem_euclid(NANOSECONDS) as u32,
        }
    }

    /// Nanoseconds of this clock since it was opened.
    pub(crate) fn elapsed(&self) -> u64 {
        self.scaled(self.opened.elapsed())
    }

    /// Waits until this clock has come to `deadline`, in nanoseconds since it was opened: never shorter, whatever is lost
    /// between its time and that of the machine.
    pub(crate) async fn wait_until(&self, deadline: u64) {
        if deadline == NEVER {
            return pending().await;
        }
        loop {
            let left = deadline.saturating_sub(self.elapsed());
            if left == 0 {
                return;
            }
            let seconds = Duration::from_nanos(left).as_secs_f64() / self.rate.get();
            // What does not fit is longer than anybody waits.
            let real = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
            sleep(real.saturating_add(Duration::from_nanos(1))).await;
        }
    }

    /// What passes on this clock meanwhile, in nanoseconds; where that is too much, the most there is.
    fn scaled(&self, passed: Duration) -> u64 {
        (passed.as_nanos() as f64 * self.rate.get()) as u64
    }
}

fn nanoseconds(duration: Duration) -> i128 {
    i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX)
}
