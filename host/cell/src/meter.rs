//! What a cell has used of the time that it may use.

use std::future::Future;
use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use tokio::time::Sleep;

use crate::limit::{Limit, LimitKind};
use crate::limits::{CellLimits, TICK};

/// The time of one cell. Starts when it is made.
pub(crate) struct Meter {
    cpu_limit: Option<Duration>,
    cpu: Duration,
    pause_limit: Option<Duration>,
    /// Processor time since it last waited for something, once it has used a tick: most never do, and looking at the time
    /// costs more than most calls.
    busy: Option<Duration>,
    wall_limit: Option<Duration>,
    end: Option<Pin<Box<Sleep>>>,
}

impl Meter {
    pub(crate) fn new(limits: &CellLimits) -> Self {
        let end = limits.wall.map(|wall| Box::pin(tokio::time::sleep(wall)));
        let (cpu, busy) = Default::default();
        Self { cpu_limit: limits.cpu, cpu, pause_limit: limits.pause, busy, wall_limit: limits.wall, end }
    }

    /// Lets the cell do something, with all that it calls, and counts that.
    pub(crate) fn count<R>(&mut self, run: impl FnOnce() -> R) -> R {
        if self.cpu_limit.is_none() && self.busy.is_none() {
            return run();
        }
        let start = thread_time();
        let done = run();
        let spent = thread_time().saturating_sub(start);
        self.cpu += spent;
        if let Some(busy) = &mut self.busy {
            *busy += spent;
        }
        done
    }

    /// The cell stands still: it waits for something, or for its turn.
    pub(crate) fn stopped(&mut self, waits: bool) {
        if waits {
            self.busy = None;
        } else if self.pause_limit.is_some() {
            self.busy.get_or_insert(TICK);
        }
    }

    /// The limit that is reached, if one is. Wakes the cell when its time is over.
    pub(crate) fn reached(&mut self, context: &mut Context<'_>) -> Option<Limit> {
        let over = |kind, name, limit| {
            let limit = humantime::format_duration(limit);
            Limit::new(kind, format!("{name}: the limit is {limit}"))
        };
        if let Some(limit) = self.cpu_limit.filter(|limit| self.cpu >= *limit) {
            return Some(over(LimitKind::Cpu, "processor time", limit));
        }
        if let Some(limit) = self.pause_limit.filter(|limit| self.busy.is_some_and(|busy| busy >= *limit)) {
            return Some(over(LimitKind::Pause, "processor time without a pause", limit));
        }
        let ended = self.end.as_mut().is_some_and(|end| end.as_mut().poll(context).is_ready());
        self.wall_limit.filter(|_| ended).map(|limit| over(LimitKind::Wall, "wall-clock time", limit))
    }
}

/// The processor time of this thread.
#[cfg(unix)]
fn thread_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    // The kernel's numbers are never negative.
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// Where a thread's own time cannot be had, all time counts that passes while it runs.
#[cfg(not(unix))]
fn thread_time() -> Duration {
    static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    START.elapsed()
}
