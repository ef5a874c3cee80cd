//! Runs a test on a node of its own, with the process for itself: what is measured here is the process's.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::task::LocalSet;

use crate::node::Node;

/// How long a thread for work that blocks waits for more of it: short, so that the threads that are there are those that
/// are needed.
const IDLE: Duration = Duration::from_millis(20);

static PROCESS: Mutex<()> = Mutex::new(());

pub(crate) fn alone(test: impl AsyncFnOnce(&Node)) {
    let _nobody_else = PROCESS.lock().unwrap_or_else(PoisonError::into_inner);
    let runtime = Builder::new_current_thread().enable_all().thread_keep_alive(IDLE).build().expect("start a runtime");
    LocalSet::new().block_on(&runtime, async { test(&Node::start().await).await });
}
