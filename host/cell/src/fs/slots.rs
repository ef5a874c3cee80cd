//! How many things a cell may hold open at a time.

use super::error::{FsError, FsResult};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A number of places.
#[derive(Debug)]
pub(crate) struct Slots {
    limit: usize,
    taken: Arc<AtomicUsize>,
}

/// One place, free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Slot(Arc<AtomicUsize>);

impl Slots {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, taken: Arc::default() }
    }

    /// Takes a place.
    pub(crate) fn take(&self) -> FsResult<Slot> {
        // Counted at once, so that the slot gives back what was taken in either case.
        let slot = Slot(self.taken.clone());
        if self.taken.fetch_add(1, Ordering::Relaxed) >= self.limit { Err(FsError::TooManyOpen) } else { Ok(slot) }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_and_come_back() {
        let slots = Slots::new(2);
        let held = [slots.take().unwrap(), slots.take().unwrap()];
        for _ in 0..3 {
            assert_eq!(slots.take().unwrap_err(), FsError::TooManyOpen);
        }
        drop(held);
        assert!(slots.take().is_ok());
    }
}
