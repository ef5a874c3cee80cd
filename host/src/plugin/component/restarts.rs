//! When a component that has failed is started again.

use std::time::{Duration, Instant};

/// When a component that has failed is started again, and when not any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restarts {
    /// So many failures in a row mark it as failed.
    pub failures: u32,
    /// What lived as long was healthy: the row begins anew.
    pub healthy: Duration,
    /// How long the second restart of a row waits; each further one, twice as long. The first one waits for nothing: one
    /// failure is an accident, and callers are waiting.
    pub pause: Duration,
}

impl Default for Restarts {
    fn default() -> Self {
        Self { failures: 3, healthy: Duration::from_secs(60), pause: Duration::from_millis(500) }
    }
}

/// The failures of one component.
pub(super) struct Failures {
    rule: Restarts,
    row: u32,
    since: Instant,
}

impl Failures {
    pub(super) fn new(rule: Restarts) -> Self {
        Self { rule, row: 0, since: Instant::now() }
    }

    /// An instance has started.
    pub(super) fn started(&mut self) {
        self.since = Instant::now();
    }

    /// An instance has failed: how long to wait before the next one is started; `None` where there is no next one.
    pub(super) fn failed(&mut self) -> Option<Duration> {
        if self.since.elapsed() >= self.rule.healthy {
            self.row = 0;
        }
        self.row += 1;
        let restart = self.row.checked_sub(2);
        (self.row < self.rule.failures).then(|| match restart {
            None => Duration::ZERO,
            Some(times) => self.rule.pause.saturating_mul(2_u32.saturating_pow(times)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_third_failure_in_a_row_is_the_last() {
        let mut failures = Failures::new(Restarts::default());
        let waits: Vec<_> = (0..4).map(|_| failures.failed().map(|wait| wait.as_millis())).collect();
        assert_eq!(waits, [Some(0), Some(500), None, None]);
        let mut patient = Failures::new(Restarts { failures: 5, ..Restarts::default() });
        let waits: Vec<_> = (0..5).map(|_| patient.failed().map(|wait| wait.as_millis())).collect();
        assert_eq!(waits, [Some(0), Some(500), Some(1000), Some(2000), None]);
    }

    #[test]
    fn health_begins_a_new_row() {
        let mut failures = Failures::new(Restarts { healthy: Duration::ZERO, ..Restarts::default() });
        for _ in 0..10 {
            failures.started();
            assert_eq!(failures.failed(), Some(Duration::ZERO));
        }
    }
}
