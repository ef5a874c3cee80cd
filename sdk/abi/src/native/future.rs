//! Answers that come later.

use std::ffi::c_void;

use abi_stable::StableAbi;

use super::call::RawAnswer;
use super::cap::RawCap;
use super::waker::RawWaker;

/// A call whose answer comes later. Dropping it cancels the call.
#[repr(C)]
#[derive(Debug, Clone, Copy, StableAbi)]
pub struct RawFuture {
    /// The call, which only its own side can look into.
    pub object: *const c_void,
    /// What can be done with it; null where there is no future.
    pub vtable: *const FutureVtable,
}

/// What can be done with a pending call.
#[repr(C)]
#[derive(StableAbi)]
pub struct FutureVtable {
    /// Asks for the answer. Where it is still pending, the waker is woken when it is worth asking again; a null waker only
    /// asks. Once it has answered it is not asked again.
    pub poll: unsafe extern "C" fn(object: *const c_void, waker: *const RawWaker, answer: *mut RawAnswer),
    /// The capability that will be in the answer at the end of a path of `length` pointers.
    pub pipelined: unsafe extern "C" fn(object: *const c_void, path: *const u16, length: usize, cap: *mut RawCap),
    /// Lets go of the call, whether it has ended or not.
    pub drop: unsafe extern "C" fn(object: *const c_void),
}

impl RawFuture {
    /// No future.
    pub const NULL: Self = Self { object: std::ptr::null(), vtable: std::ptr::null() };
}
