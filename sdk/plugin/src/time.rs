//! Timers, for either kind of plugin. The clocks are those of [`std::time`].

use std::fmt;
use std::future::Future;
use std::time::Duration;

/// Waits for `duration`. Everything else goes on meanwhile.
pub async fn sleep(duration: Duration) {
    crate::kind::sleep(duration).await;
}

/// The time was over first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Elapsed;

impl fmt::Display for Elapsed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the time is over")
    }
}

impl std::error::Error for Elapsed {}

/// Waits for `future`, but at most for `duration`. The future is dropped then, which cancels a call.
///
/// # Errors
/// [`Elapsed`] where the time was over first.
pub async fn timeout<T>(duration: Duration, future: impl Future<Output = T>) -> Result<T, Elapsed> {
    let future = std::pin::pin!(future);
    let timer = std::pin::pin!(sleep(duration));
    match futures::future::select(future, timer).await {
        futures::future::Either::Left((value, _)) => Ok(value),
        futures::future::Either::Right(_) => Err(Elapsed),
    }
}
