//! Runs a case on a thread of its own.

use std::time::Duration;

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use tokio::runtime::Builder;
use tokio::task::LocalSet;
use ww_conformance::{Outcome, Transport};

/// Runs a case over a transport; a failure of the case is one of the test.
pub(crate) fn check(transport: &dyn Transport, case: &str) {
    if let Err(failure) = outcome(transport, case) {
        panic!("{failure}");
    }
}

/// Runs a case over a transport.
pub(crate) fn outcome(transport: &dyn Transport, case: &str) -> Outcome {
    on_a_worker(ww_conformance::run(transport, case))
}

/// Runs a future as cells and their capabilities run: on one thread, together with what it spawns there.
pub(crate) fn on_a_worker<T>(future: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread().enable_all().build().expect("start a runtime");
    LocalSet::new().block_on(&runtime, future)
}

/// How the transports of this program sleep.
pub(crate) fn sleep(time: Duration) -> LocalBoxFuture<'static, ()> {
    tokio::time::sleep(time).boxed_local()
}
