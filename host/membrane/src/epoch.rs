//! The epoch of a node.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use futures::task::AtomicWaker;

/// The authority of a node, as a number that only grows. All threads share it.
///
/// A guard reads it at the start of every call; an advance is one store, and one wake-up for each worker.
#[derive(Debug, Clone)]
pub struct Authority(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    epoch: AtomicU64,
    workers: Mutex<Vec<Weak<AtomicWaker>>>,
}

impl Authority {
    /// Starts at `epoch`.
    pub fn new(epoch: u64) -> Self {
        Self(Arc::new(Inner { epoch: AtomicU64::new(epoch), workers: Mutex::default() }))
    }

    /// The epoch of now.
    pub fn epoch(&self) -> u64 {
        self.0.epoch.load(Ordering::Acquire)
    }

    /// Ends the epoch: every capability that was granted under it is dead when this returns. Returns the new one.
    pub fn advance(&self) -> u64 {
        let epoch = self.0.epoch.fetch_add(1, Ordering::AcqRel) + 1;
        // Nobody is woken under the lock: a waker is somebody else's code.
        let workers: Vec<_> = self.workers().iter().filter_map(Weak::upgrade).collect();
        for worker in workers {
            worker.wake();
        }
        epoch
    }

    /// Wakes `waker` at every advance from now on, until it is dropped.
    pub(crate) fn subscribe(&self, waker: &Arc<AtomicWaker>) {
        let mut workers = self.workers();
        workers.retain(|worker| worker.strong_count() > 0);
        workers.push(Arc::downgrade(waker));
    }

    fn workers(&self) -> MutexGuard<'_, Vec<Weak<AtomicWaker>>> {
        self.0.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
