//! The signal that events wait for a guest.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;
use wasmtime_wasi_io::poll::Pollable;

/// Set while there is something for a guest to fetch. A guest waits on it inside `wait`, or through a pollable together
/// with its other streams.
#[derive(Clone, Default)]
pub(super) struct Signal(Arc<Inner>);

#[derive(Default)]
struct Inner {
    set: AtomicBool,
    changed: Notify,
}

impl Signal {
    pub(super) fn set(&self) {
        // All on one thread, so relaxed is enough; atomic because a pollable must be `Send`.
        if !self.0.set.swap(true, Ordering::Relaxed) {
            self.0.changed.notify_waiters();
        }
    }

    pub(super) fn clear(&self) {
        self.0.set.store(false, Ordering::Relaxed);
    }

    pub(super) async fn wait(&self) {
        while !self.0.set.load(Ordering::Relaxed) {
            // Nothing happens between the look and the registration: both are on the thread that sets it.
            self.0.changed.notified().await;
        }
    }
}

/// The pollable of a guest's that waits for events.
pub(super) struct Readable(pub(super) Signal);

#[wasmtime_wasi_io::async_trait]
impl Pollable for Readable {
    async fn ready(&mut self) {
        self.0.wait().await;
    }
}
