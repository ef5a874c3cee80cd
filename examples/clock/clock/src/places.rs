//! How many timers and tickers a caller has.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::{Rc, Weak};

use clock_api::clock;
use ww_plugin::capnp::Error;

/// The places of all callers, by their names: who grafts again has no more of them.
#[derive(Default)]
pub(crate) struct Places(RefCell<HashMap<String, Weak<Cell<u32>>>>);

impl Places {
    /// The places of a caller.
    pub(crate) fn of(&self, caller: &str) -> Theirs {
        let mut all = self.0.borrow_mut();
        all.retain(|_, taken| taken.strong_count() > 0);
        let taken = all.get(caller).and_then(Weak::upgrade).unwrap_or_default();
        all.insert(caller.to_owned(), Rc::downgrade(&taken));
        Theirs(taken)
    }
}

/// The places of one caller: how many are taken.
pub(crate) struct Theirs(Rc<Cell<u32>>);

impl Theirs {
    /// Takes one.
    ///
    /// # Errors
    /// `overloaded` where all are taken.
    pub(crate) fn take(&self) -> Result<Place, Error> {
        let taken = self.0.get();
        if taken >= clock::MAX_TIMERS {
            let text = format!("{} timers and tickers are set, which is the most", clock::MAX_TIMERS);
            return Err(Error::overloaded(text));
        }
        self.0.set(taken + 1);
        Ok(Place(self.0.clone()))
    }
}

/// A place that is taken, until this is dropped.
pub(crate) struct Place(Rc<Cell<u32>>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}
