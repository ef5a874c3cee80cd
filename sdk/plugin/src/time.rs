//! Timers, the same for either kind of plugin. The clocks are those of [`std::time`].

#[cfg(not(target_family = "wasm"))]
pub use tokio::time::{error::Elapsed, sleep, timeout};
#[cfg(target_family = "wasm")]
pub use ww_guest::{Elapsed, sleep, timeout};
