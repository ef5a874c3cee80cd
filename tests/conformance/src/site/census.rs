//! Counting what is alive.

use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;

/// What a side counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Census {
    /// Counters, recorders and sinks that are alive.
    pub objects: u32,
    /// Calls that are being worked on.
    pub calls: u32,
    /// Calls that were dropped before they had ended.
    pub abandoned: u32,
}

#[derive(Default)]
pub(super) struct Counts(Cell<Census>);

impl Counts {
    pub(super) fn census(&self) -> Census {
        self.0.get()
    }

    /// One more object, as long as the result lives.
    pub(super) fn object(self: &Rc<Self>) -> Alive {
        self.change(|census| census.objects += 1);
        Alive(self.clone())
    }

    /// Works on a call.
    pub(super) async fn call<T>(self: &Rc<Self>, work: impl Future<Output = T>) -> T {
        self.change(|census| census.calls += 1);
        let mut underway = Underway { counts: self.clone(), ended: false };
        let result = work.await;
        underway.ended = true;
        result
    }

    fn change(&self, change: impl FnOnce(&mut Census)) {
        let mut census = self.0.get();
        change(&mut census);
        self.0.set(census);
    }
}

/// Counts as an object.
pub(super) struct Alive(Rc<Counts>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.change(|census| census.objects -= 1);
    }
}

struct Underway {
    counts: Rc<Counts>,
    ended: bool,
}

impl Drop for Underway {
    fn drop(&mut self) {
        self.counts.change(|census| {
            census.calls -= 1;
            census.abandoned += u32::from(!self.ended);
        });
    }
}
