//! How much may be kept on disk: a count that cells, and the trees of cells above them, draw from.

use super::error::{FsError, FsResult};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A limit on a number that several hold parts of. A part counts against the budget and all that it belongs to.
#[derive(Debug)]
pub struct Budget {
    limit: u64,
    used: AtomicU64,
    parent: Option<Arc<Budget>>,
}

impl Budget {
    /// A budget of its own.
    pub fn new(limit: u64) -> Arc<Self> {
        Arc::new(Self { limit, used: AtomicU64::new(0), parent: None })
    }

    /// A budget within another, such as a cell's within that of its tree of cells.
    pub fn within(parent: &Arc<Budget>, limit: u64) -> Arc<Self> {
        Arc::new(Self { limit, used: AtomicU64::new(0), parent: Some(parent.clone()) })
    }

    /// How much is in use.
    pub fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// Takes all of `amount`, or nothing.
    pub(super) fn take(&self, amount: u64) -> FsResult<()> {
        let taken = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
            used.checked_add(amount).filter(|sum| *sum <= self.limit)
        });
        if taken.is_err() {
            return Err(FsError::NoSpace);
        }
        let Some(parent) = &self.parent else { return Ok(()) };
        parent.take(amount).inspect_err(|_| self.give_back_here(amount))
    }

    /// Takes `amount` even if it is more than there is: for what is on disk already.
    pub(super) fn force(&self, amount: u64) {
        self.used.fetch_add(amount, Ordering::Relaxed);
        if let Some(parent) = &self.parent {
            parent.force(amount);
        }
    }

    /// Takes as much of `amount` as there is.
    pub(super) fn take_up_to(&self, amount: u64) -> u64 {
        let left = self.left().min(amount);
        // Another cell of the tree may have been faster; then this one gets nothing this time.
        if self.take(left).is_ok() { left } else { 0 }
    }

    /// Gives `amount` back.
    pub(super) fn give_back(&self, amount: u64) {
        self.give_back_here(amount);
        if let Some(parent) = &self.parent {
            parent.give_back(amount);
        }
    }

    fn give_back_here(&self, amount: u64) {
        let _ = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| Some(used.saturating_sub(amount)));
    }

    fn left(&self) -> u64 {
        let here = self.limit.saturating_sub(self.used());
        self.parent.as_ref().map_or(here, |parent| parent.left().min(here))
    }
}

/// A part of a budget, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Share {
    budget: Arc<Budget>,
    held: u64,
}

impl Share {
    pub(super) fn new(budget: Arc<Budget>) -> Self {
        Self { budget, held: 0 }
    }

    pub(super) fn take(&mut self, amount: u64) -> FsResult<()> {
        self.budget.take(amount)?;
        self.held += amount;
        Ok(())
    }

    pub(super) fn take_up_to(&mut self, amount: u64) -> u64 {
        let taken = self.budget.take_up_to(amount);
        self.held += taken;
        taken
    }

    pub(super) fn force(&mut self, amount: u64) {
        self.budget.force(amount);
        self.held += amount;
    }

    /// Gives back `amount`, or all that is held: somebody else may have put there what is being removed.
    pub(super) fn give_back(&mut self, amount: u64) {
        let amount = amount.min(self.held);
        self.budget.give_back(amount);
        self.held -= amount;
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.give_back(self.held);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_ends_at_its_limit() {
        let budget = Budget::new(10);
        assert!(budget.take(7).is_ok());
        assert_eq!(budget.take(4), Err(FsError::NoSpace));
        assert_eq!(budget.take_up_to(4), 3);
        budget.give_back(5);
        assert_eq!(budget.used(), 5);
        assert_eq!(budget.take(u64::MAX), Err(FsError::NoSpace));
    }

    #[test]
    fn cells_share_what_is_above_them() {
        let tree = Budget::new(10);
        let (one, two) = (Budget::within(&tree, 8), Budget::within(&tree, 8));
        assert!(one.take(8).is_ok());
        assert_eq!(two.take(3), Err(FsError::NoSpace));
        assert_eq!(two.used(), 0);
        assert_eq!(two.take_up_to(3), 2);
        one.give_back(8);
        assert_eq!(tree.used(), 2);
    }

    #[test]
    fn a_share_comes_back_when_dropped() {
        let budget = Budget::new(10);
        let mut share = Share::new(budget.clone());
        share.take(4).unwrap();
        share.force(20);
        share.give_back(3);
        assert_eq!(budget.used(), 21);
        drop(share);
        assert_eq!(budget.used(), 0);
    }
}
