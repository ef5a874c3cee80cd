//! When the kernel lets this process run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use ww_cell::limits::TICK;

/// A thread that sleeps for a tick at a time, as the engine's own does: how much longer the machine lets it sleep.
pub(super) struct Machine {
    over: Arc<AtomicBool>,
    thread: JoinHandle<Duration>,
}

impl Machine {
    pub(super) fn watch() -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let seen = over.clone();
        let thread = thread::spawn(move || {
            let mut worst = Duration::ZERO;
            while !seen.load(Ordering::Relaxed) {
                let start = Instant::now();
                thread::sleep(TICK);
                worst = worst.max(start.elapsed().saturating_sub(TICK));
            }
            worst
        });
        Self { over, thread }
    }

    /// The longest that it was kept waiting.
    pub(super) fn worst(self) -> Duration {
        self.over.store(true, Ordering::Relaxed);
        self.thread.join().expect("a thread that sleeps does not panic")
    }
}
