//! Capabilities.

use std::ffi::c_void;

use abi_stable::StableAbi;

use super::call::{RawAnswer, RawCall};

/// One reference to an object of either side's; the null capability where `vtable` is null.
///
/// Each side has one table of functions for all its objects, so its address tells whether an object has come home.
#[repr(C)]
#[derive(Debug, Clone, Copy, StableAbi)]
pub struct RawCap {
    /// The object, which only its own side can look into.
    pub object: *const c_void,
    /// What can be done with it.
    pub vtable: *const CapVtable,
}

/// What can be done with a capability.
#[repr(C)]
#[derive(StableAbi)]
pub struct CapVtable {
    /// Calls the object. The answer has been prepared by the caller, see [`RawAnswer`]; what the call carries is the
    /// callee's from now on. The call is dispatched before this returns, or queued in order.
    pub call: unsafe extern "C" fn(object: *const c_void, call: *const RawCall, answer: *mut RawAnswer),
    /// One more reference.
    pub add_ref: unsafe extern "C" fn(object: *const c_void),
    /// One reference less.
    pub release: unsafe extern "C" fn(object: *const c_void),
}

impl RawCap {
    /// The null capability.
    pub const NULL: Self = Self { object: std::ptr::null(), vtable: std::ptr::null() };

    /// Whether this is the null capability.
    pub fn is_null(&self) -> bool {
        self.vtable.is_null()
    }
}
