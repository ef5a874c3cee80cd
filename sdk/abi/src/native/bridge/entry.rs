//! What surrounds code that the other side runs.

use ww_call::shield;

/// What surrounds every piece of this side's code that the other side runs: a call, a poll, a drop.
pub trait Entry: 'static {
    /// Runs `work`, once.
    fn enter(&self, work: &mut dyn FnMut());
}

/// Nothing surrounds it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Directly;

impl Entry for Directly {
    fn enter(&self, work: &mut dyn FnMut()) {
        work();
    }
}

/// Runs `work` within `entry`. No panic leaves, since nothing may unwind into the other side: it becomes an error.
pub(super) fn within<R>(entry: &dyn Entry, work: impl FnOnce() -> R) -> capnp::Result<R> {
    let mut work = Some(work);
    let mut result = None;
    let entered = shield(|| {
        entry.enter(&mut || {
            if let Some(work) = work.take() {
                // Within the entry, so that what the entry keeps is left in order after a panic.
                result = Some(shield(work));
            }
        });
    });
    entered?;
    result.unwrap_or_else(|| Err(capnp::Error::failed("nobody was let in".into())))
}
