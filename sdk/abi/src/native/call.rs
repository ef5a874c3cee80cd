//! Calls and their answers.

use std::ffi::c_void;

use abi_stable::StableAbi;

use super::future::RawFuture;
use super::message::RawMessage;

/// One call: which method, with what.
#[repr(C)]
#[derive(StableAbi)]
pub struct RawCall {
    /// The id of the interface that declares the method.
    pub interface: u64,
    /// The method's number in its interface.
    pub method: u16,
    /// Whether the method is declared `-> stream`: its acknowledgement is the back-pressure.
    pub streaming: bool,
    /// The parameters.
    pub params: RawMessage,
}

/// What an answer is. Not an enum: a number of the other side's may be any.
#[derive(Debug)]
pub struct Status;

impl Status {
    /// The results are there.
    pub const DONE: u32 = 0;
    /// The call failed.
    pub const FAILED: u32 = 1;
    /// The answer comes later.
    pub const PENDING: u32 = 2;
}

/// What a call comes to. The caller prepares it, the callee fills it in.
#[repr(C)]
#[derive(StableAbi)]
pub struct RawAnswer {
    /// One of [`Status`].
    pub status: u32,
    /// Where it failed, the kind of the error: 0 failed, 1 overloaded, 2 disconnected, 3 unimplemented.
    pub kind: u32,
    /// Room of the caller's for results that need nothing else: one segment, no capability.
    pub room: *mut u64,
    /// How many words there is room for.
    pub room_words: usize,
    /// Where [`RawMessage::segments`] is null, how many words of results were put there.
    pub short_words: usize,
    /// Where it is done, the results.
    pub message: RawMessage,
    /// Where it failed, the error's text.
    pub text: RawText,
    /// Where it is pending, the answer to come. Left alone by [`FutureVtable::poll`](crate::FutureVtable::poll).
    pub future: RawFuture,
}

impl RawAnswer {
    /// An answer that nobody has filled in yet, with room for short results.
    pub fn with_room(room: *mut u64, room_words: usize) -> Self {
        Self {
            status: Status::FAILED,
            kind: 0,
            room,
            room_words,
            short_words: 0,
            message: RawMessage::EMPTY,
            text: RawText::EMPTY,
            future: RawFuture::NULL,
        }
    }
}

/// A text in UTF-8, with its owner.
#[repr(C)]
#[derive(StableAbi)]
pub struct RawText {
    /// Where it lies.
    pub bytes: *const u8,
    /// How many bytes it has.
    pub length: usize,
    /// What keeps it there; null where nothing has to be freed.
    pub owner: *mut c_void,
    /// Frees the owner, once.
    pub free: Option<unsafe extern "C" fn(owner: *mut c_void)>,
}

impl RawText {
    /// No text.
    pub const EMPTY: Self = Self { bytes: std::ptr::null(), length: 0, owner: std::ptr::null_mut(), free: None };
}
