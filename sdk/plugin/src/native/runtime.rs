//! The plugin's own runtime, for its I/O.

use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle, Runtime};

/// Threads for what blocks: more would only wait for the same disk.
const BLOCKING_THREADS: usize = 16;

/// The runtime of this library. One thread of its own drives it: a runtime of the current thread would need somebody who
/// blocks on it. `None` where the system gives no thread; then whatever needs a runtime says so.
pub(super) fn runtime() -> Option<&'static Handle> {
    static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        let mut builder = Builder::new_multi_thread();
        builder
            .worker_threads(1)
            .max_blocking_threads(BLOCKING_THREADS)
            .enable_all()
            .thread_name("ww-plugin")
            .build()
            .ok()
    });
    runtime.as_ref().map(Runtime::handle)
}
