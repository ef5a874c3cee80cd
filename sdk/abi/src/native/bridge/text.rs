//! Errors as they cross.

use std::ffi::c_void;

use capnp::Error;
use ww_call::limits::MAX_ERROR_TEXT;
use ww_call::wire::{error_code, error_kind, error_text};

use crate::{RawAnswer, RawText, Status};

/// Writes an error as an answer.
pub(super) fn send_error(error: &Error, answer: &mut RawAnswer) {
    answer.status = Status::FAILED;
    answer.kind = error_code(error.kind) as u32;
    answer.text = send_text(error_text(error));
}

fn send_text(text: String) -> RawText {
    let owner = Box::new(text);
    RawText { bytes: owner.as_ptr(), length: owner.len(), owner: Box::into_raw(owner).cast(), free: Some(free_text) }
}

unsafe extern "C" fn free_text(owner: *mut c_void) {
    // SAFETY: the owner is a text that `send_text` has leaked, and is freed once.
    drop(unsafe { Box::from_raw(owner.cast::<String>()) });
}

/// The error that an answer tells of. A text that is too long is cut.
pub(super) fn receive_error(answer: &RawAnswer) -> Error {
    // SAFETY: the text is valid until its owner is freed, below.
    let text = unsafe { bytes(answer.text.bytes, answer.text.length.min(MAX_ERROR_TEXT)) };
    let extra = String::from_utf8_lossy(text).into_owned();
    // SAFETY: the text came with its owner, which nobody else frees.
    unsafe { free(answer.text.owner, answer.text.free) };
    Error { kind: error_kind(answer.kind as u8), extra }
}

/// Bytes of the other side's.
///
/// # Safety
/// There are `length` of them at `start`, for as long as the result is used; or `start` is null.
pub(super) unsafe fn bytes<'a>(start: *const u8, length: usize) -> &'a [u8] {
    if start.is_null() {
        return &[];
    }
    // SAFETY: as above.
    unsafe { std::slice::from_raw_parts(start, length) }
}

/// Frees what came with an owner.
///
/// # Safety
/// The two belong together, and this is the only time.
pub(super) unsafe fn free(owner: *mut c_void, free: Option<unsafe extern "C" fn(*mut c_void)>) {
    if let Some(free) = free
        && !owner.is_null()
    {
        // SAFETY: as above.
        unsafe { free(owner) };
    }
}
