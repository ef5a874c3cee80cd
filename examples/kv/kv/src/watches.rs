//! Who is to be told of changes.

use std::collections::BTreeSet;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use futures::future::{AbortHandle, Abortable};
use kv_api::{watch, watcher};
use ww_plugin::capnp::Error;
use ww_plugin::tokio::sync::Notify;
use ww_plugin::tracing;

/// Watches of one caller's keys: each costs memory and a task.
const MAX_WATCHES: usize = 64;

/// Keys that wait to be told; with the longest ones, the call that tells them is of 256 KiB.
const MAX_KEYS: usize = 256;

/// The watches that are open.
#[derive(Default)]
pub(crate) struct Watches(Mutex<Vec<Weak<Watch>>>);

/// One of them.
struct Watch {
    caller: String,
    prefix: String,
    changes: Mutex<Changes>,
    wake: Notify,
    /// Its end: from then on it does not count, whenever its task is gone.
    end: AbortHandle,
}

/// What was not told yet.
#[derive(Default)]
struct Changes {
    keys: BTreeSet<String>,
    more: bool,
}

impl Watches {
    /// A key of a caller has changed. From any thread.
    pub(crate) fn changed(&self, caller: &str, key: &str) {
        for watch in self.of(caller).filter(|it| key.starts_with(&it.prefix)) {
            let mut changes = lock(&watch.changes);
            if changes.keys.len() < MAX_KEYS || changes.keys.contains(key) {
                changes.keys.insert(key.to_owned());
            } else {
                changes.more = true;
            }
            watch.wake.notify_one();
        }
    }

    fn of(&self, caller: &str) -> impl Iterator<Item = Arc<Watch>> {
        let mut all = lock(&self.0);
        all.retain(|watch| watch.upgrade().is_some_and(|watch| !watch.end.is_aborted()));
        let theirs: Vec<_> = all.iter().filter_map(Weak::upgrade).filter(|it| it.caller == caller).collect();
        theirs.into_iter()
    }
}

/// A watch, as its owner holds it: it ends when this is dropped.
pub(crate) struct Watching(AbortHandle);

impl Watching {
    /// Begins to tell `watcher` of changes.
    pub(crate) fn start(
        watches: &Watches,
        caller: &str,
        prefix: String,
        watcher: watcher::Client,
    ) -> Result<Self, Error> {
        if watches.of(caller).count() >= MAX_WATCHES {
            return Err(Error::overloaded(format!("{MAX_WATCHES} watches are open, which is the most")));
        }
        let (end, registration) = AbortHandle::new_pair();
        let (caller, changes, wake) = (caller.to_owned(), Mutex::default(), Notify::new());
        let watch = Arc::new(Watch { caller, prefix, changes, wake, end: end.clone() });
        lock(&watches.0).push(Arc::downgrade(&watch));
        let telling = Abortable::new(tell(watch, watcher), registration);
        ww_plugin::spawn_local(async {
            if let Ok(Err(error)) = telling.await {
                tracing::debug!("a watch ends: {error}");
            }
        });
        Ok(Self(end))
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl watch::Server for Watching {}

/// Tells of changes until the watcher fails a call.
async fn tell(watch: Arc<Watch>, watcher: watcher::Client) -> Result<(), Error> {
    loop {
        watch.wake.notified().await;
        let changes = mem::take(&mut *lock(&watch.changes));
        let keys: Vec<_> = changes.keys.iter().map(String::as_str).collect();
        let mut request = watcher.changed_request();
        request.get().set_keys(&keys[..])?;
        request.get().set_more(changes.more);
        request.send().promise.await?;
    }
}

/// What is locked stays whole at any moment, also where somebody panicked.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
