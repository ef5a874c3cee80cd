//! Messages.

use std::ffi::c_void;

use abi_stable::StableAbi;

use super::cap::RawCap;

/// Words up to which a message is copied rather than handed over with its owner: below, an owner costs more than a copy.
pub const SHORT_WORDS: usize = 128;

/// Words of a message that lie together. A Cap'n Proto segment, in the byte order of Cap'n Proto.
#[repr(C)]
#[derive(Debug, Clone, Copy, StableAbi)]
pub struct RawSegment {
    /// Where they lie, aligned to words.
    pub words: *const u64,
    /// How many there are.
    pub length: usize,
}

/// A Cap'n Proto message with the capabilities that it carries.
///
/// With an owner, it is handed over: segments, words and the list of capabilities stay where they are until the receiver
/// frees the owner, at any time on the worker's thread. Without one, all of it is there for the duration of the call.
/// Either way the capabilities themselves are the receiver's.
#[repr(C)]
#[derive(StableAbi)]
pub struct RawMessage {
    /// The segments; null for an empty message.
    pub segments: *const RawSegment,
    /// How many there are.
    pub segment_count: usize,
    /// The capability table: pointers in the message are indexes into it.
    pub caps: *const RawCap,
    /// How many there are.
    pub cap_count: usize,
    /// What keeps the message where it is; null where nothing has to be freed.
    pub owner: *mut c_void,
    /// Frees the owner, once.
    pub free: Option<unsafe extern "C" fn(owner: *mut c_void)>,
}

impl RawMessage {
    /// A message without words, capabilities or an owner.
    pub const EMPTY: Self = Self {
        segments: std::ptr::null(),
        segment_count: 0,
        caps: std::ptr::null(),
        cap_count: 0,
        owner: std::ptr::null_mut(),
        free: None,
    };
}
