//! Those who have something to let go of when authority ends.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::{Rc, Weak};

use slab::Slab;

/// Keeps something alive only while its authority lasts.
pub(crate) trait Mortal {
    /// Lets go of it where the authority has ended.
    fn let_go_if_dead(&self);
}

/// All who depend on one thing that can end: an epoch, a restriction.
#[derive(Default)]
pub(crate) struct Mortals(RefCell<Slab<Weak<dyn Mortal>>>);

impl Mortals {
    /// Adds one, until its place is dropped.
    pub(crate) fn add(self: &Rc<Self>, mortal: Weak<dyn Mortal>) -> Place {
        let index = self.0.borrow_mut().insert(mortal);
        Place { mortals: self.clone(), index }
    }

    /// Lets those go that are dead.
    pub(crate) fn visit(&self) {
        // A snapshot: what they let go of may be anybody's code, which may add and remove others.
        let all: Vec<_> = self.0.borrow().iter().filter_map(|(_, mortal)| mortal.upgrade()).collect();
        for mortal in all {
            mortal.let_go_if_dead();
        }
    }
}

/// A place among the mortals.
pub(crate) struct Place {
    mortals: Rc<Mortals>,
    index: usize,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.mortals.0.borrow_mut().try_remove(self.index);
    }
}

/// Drops what may run anybody's code. A panic there has nobody to go to, and must not hit whoever happens to drop.
pub(crate) fn drop_foreign<T>(value: T) {
    let _ = catch_unwind(AssertUnwindSafe(move || drop(value)));
}
