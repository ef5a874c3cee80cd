//! Wakers as they cross.

use std::cell::RefCell;
use std::ffi::c_void;
use std::sync::Arc;
use std::task::{Wake, Waker};

use crate::{RawWaker, WakerVtable};

static WAKER: WakerVtable = WakerVtable { clone: clone_waker, wake: wake_waker, drop: drop_waker };

/// Lends a waker to `poll`; null for one that wakes nobody.
pub(super) fn lend<R>(waker: &Waker, poll: impl FnOnce(*const RawWaker) -> R) -> R {
    if waker.will_wake(Waker::noop()) {
        return poll(std::ptr::null());
    }
    let identity = [waker.data() as usize, std::ptr::from_ref(waker.vtable()) as usize];
    let raw = RawWaker { object: std::ptr::from_ref(waker).cast(), identity, vtable: &raw const WAKER };
    poll(&raw const raw)
}

unsafe extern "C" fn clone_waker(object: *const c_void) -> *const c_void {
    // SAFETY: an object of this table is a waker, which is valid while it is lent or until it is dropped.
    let waker = unsafe { &*object.cast::<Waker>() };
    Box::into_raw(Box::new(waker.clone())).cast_const().cast()
}

unsafe extern "C" fn wake_waker(object: *const c_void) {
    // SAFETY: as in `clone_waker`. Waking a task runs no code of a plugin's or a guest's that could panic.
    unsafe { &*object.cast::<Waker>() }.wake_by_ref();
}

unsafe extern "C" fn drop_waker(object: *const c_void) {
    // SAFETY: only what `clone_waker` has leaked is dropped, once.
    drop(unsafe { Box::from_raw(object.cast_mut().cast::<Waker>()) });
}

/// A waker of the other side's.
struct Foreign {
    object: *const c_void,
    vtable: *const WakerVtable,
}

// SAFETY: the contract says that wakers are used from any thread.
unsafe impl Send for Foreign {}
// SAFETY: as above.
unsafe impl Sync for Foreign {}

impl Wake for Foreign {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // SAFETY: the object is a clone of our own, until this is dropped.
        unsafe { ((*self.vtable).wake)(self.object) };
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        // SAFETY: the object is a clone of our own, and is dropped once.
        unsafe { ((*self.vtable).drop)(self.object) };
    }
}

/// The last waker that the other side polled something with. One that comes again stays the same waker on this side, so
/// that whoever keeps wakers keeps it once.
#[derive(Default)]
pub(super) struct LastWaker(RefCell<Option<([usize; 2], Waker)>>);

impl LastWaker {
    /// A waker of this side's for one that was lent to it.
    ///
    /// # Safety
    /// `raw` is null or a waker that is valid now.
    pub(super) unsafe fn receive(&self, raw: *const RawWaker) -> Waker {
        // SAFETY: as above.
        let Some(raw) = (unsafe { raw.as_ref() }) else {
            return Waker::noop().clone();
        };
        if let Some((identity, waker)) = &*self.0.borrow()
            && *identity == raw.identity
        {
            return waker.clone();
        }
        // SAFETY: the waker is valid now, and what it makes of itself is ours.
        let object = unsafe { ((*raw.vtable).clone)(raw.object) };
        let waker = Waker::from(Arc::new(Foreign { object, vtable: raw.vtable }));
        let last = self.0.replace(Some((raw.identity, waker.clone())));
        drop(last);
        waker
    }

    /// Wakes whoever polled last.
    pub(super) fn wake(&self) {
        let last = self.0.take();
        if let Some((_, waker)) = last {
            waker.wake();
        }
    }
}
