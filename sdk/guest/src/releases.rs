//! References that go back to the host.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::task::{Poll, Waker};

/// How many objects of the host's may wait to be given back: far fewer than the host lends.
const MANY: usize = 1024;

/// What the host gets back. It travels when the guest fetches its events, which costs nothing extra; so a task that calls
/// and calls, and never has to wait for an answer, has to rest now and then.
#[derive(Default)]
pub(crate) struct Releases {
    waiting: RefCell<Vec<u64>>,
    turns: Cell<u64>,
    resting: RefCell<Vec<Waker>>,
}

impl Releases {
    /// Gives back `count` references to an object.
    pub(crate) fn add(&self, number: u32, count: u32) {
        self.waiting.borrow_mut().push(u64::from(number) | u64::from(count) << 32);
    }

    /// Whether so many wait that whoever goes on has to rest first.
    pub(crate) fn are_many(&self) -> bool {
        self.waiting.borrow().len() >= MANY
    }

    /// Waits until what waits has travelled.
    pub(crate) fn rest(&self) -> impl Future<Output = ()> + '_ {
        let start = self.turns.get();
        std::future::poll_fn(move |context| {
            if self.turns.get() != start {
                return Poll::Ready(());
            }
            self.resting.borrow_mut().push(context.waker().clone());
            Poll::Pending
        })
    }

    /// Whether somebody rests.
    pub(crate) fn are_waited_for(&self) -> bool {
        !self.resting.borrow().is_empty()
    }

    /// What goes back to the host now. Whoever rests goes on.
    pub(crate) fn take(&self) -> Vec<u64> {
        self.turns.set(self.turns.get().wrapping_add(1));
        for waker in self.resting.take() {
            waker.wake();
        }
        self.waiting.take()
    }
}
