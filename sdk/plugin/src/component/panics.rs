//! Panics of a component's code, which end it.

use super::logging;
use crate::events::panicked;

/// Tells of a panic in one line, as every line of a component's is. What comes after it is a trap.
pub(super) fn install() {
    std::panic::set_hook(Box::new(|panic| logging::write(ww_abi::Level::ERROR, "", &panicked(panic))));
}
