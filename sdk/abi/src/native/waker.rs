//! Wakers.

use std::ffi::c_void;

use abi_stable::StableAbi;

/// Wakes a task of the other side's, from any thread.
///
/// One that is passed to a poll is borrowed, and valid until the poll returns; [`WakerVtable::clone`] makes one that
/// lives until it is dropped.
#[repr(C)]
#[derive(Debug, Clone, Copy, StableAbi)]
pub struct RawWaker {
    /// The waker, which only its own side can look into.
    pub object: *const c_void,
    /// Two wakers of the same identity wake the same task, as long as a clone of one of them lives.
    pub identity: [usize; 2],
    /// What can be done with it.
    pub vtable: *const WakerVtable,
}

/// What can be done with a waker.
#[repr(C)]
#[derive(StableAbi)]
pub struct WakerVtable {
    /// The object of a waker of the receiver's own.
    pub clone: unsafe extern "C" fn(object: *const c_void) -> *const c_void,
    /// Wakes, and leaves the waker alone.
    pub wake: unsafe extern "C" fn(object: *const c_void),
    /// Drops what [`WakerVtable::clone`] has made.
    pub drop: unsafe extern "C" fn(object: *const c_void),
}
