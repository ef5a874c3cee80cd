//! What surrounds the provider's code: its runtime, and which instance it is.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::{Rc, Weak};

use ww_abi::bridge::{Border, Entry, Services, Started};

use super::runtime::runtime;

thread_local! {
    /// The instance whose code this thread runs right now.
    static CURRENT: RefCell<Option<Rc<Shared>>> = const { RefCell::new(None) };
}

/// The instance whose code this thread runs right now, if any.
pub(super) fn current() -> Option<Rc<Shared>> {
    CURRENT.with_borrow(Clone::clone)
}

/// What an instance knows of itself.
#[derive(Default)]
pub(super) struct Shared {
    services: Cell<Option<Services>>,
    border: RefCell<Weak<Border>>,
}

impl Shared {
    /// The instance begins.
    pub(super) fn begin(&self, started: &Started) {
        self.services.set(Some(started.services));
        self.border.replace(Rc::downgrade(&started.border));
        super::logging::begin(started.services);
    }

    pub(super) fn services(&self) -> Option<Services> {
        self.services.get()
    }

    pub(super) fn spawn(&self, future: impl Future<Output = ()> + 'static) {
        if let (Some(services), Some(border)) = (self.services.get(), self.border.borrow().upgrade()) {
            services.spawn(&border, future);
        }
    }
}

/// The entry of an instance.
#[derive(Default)]
pub(super) struct Entered(Rc<Shared>);

impl Entered {
    pub(super) fn shared(&self) -> Rc<Shared> {
        self.0.clone()
    }
}

impl Entry for Entered {
    fn enter(&self, work: &mut dyn FnMut()) {
        // One instance can be entered while another one is: its object is dropped by it, say.
        let outer = CURRENT.replace(Some(self.0.clone()));
        let back = Back(outer);
        let entered = runtime().map(tokio::runtime::Handle::enter);
        work();
        drop(entered);
        drop(back);
    }
}

/// Puts back the instance that was there before, also after a panic.
struct Back(Option<Rc<Shared>>);

impl Drop for Back {
    fn drop(&mut self) {
        let inner = CURRENT.replace(self.0.take());
        drop(inner);
    }
}
