//! What this process has, as the kernel counts it, and when the kernel lets it run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use ww_cell::limits::TICK;

/// How many descriptors are open.
pub(super) fn open_descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").expect("the descriptors of this process").count()
}

/// Bytes in memory that are no file's.
pub(super) fn own_memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("the status of this process");
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("its memory");
    let kibibytes: usize = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kibibytes << 10
}

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
