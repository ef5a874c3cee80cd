//! Messages as they cross.

use std::ffi::c_void;
use std::rc::Rc;

use ww_call::{Kept, Message, Segments};

use super::border::Border;
use super::text::free;
use crate::{RawAnswer, RawCap, RawMessage, RawSegment, SHORT_WORDS, Status};

/// A message that is handed over, with its own list of segments and capabilities.
struct Sent {
    segments: Vec<RawSegment>,
    caps: Vec<RawCap>,
    /// Where the words lie.
    _message: Rc<Message>,
}

/// Whether a message is copied rather than handed over: its only segment, if it is short and carries nothing.
fn short_segment(message: &Message) -> Option<RawSegment> {
    if !message.caps().is_empty() {
        return None;
    }
    message.with_segments(|segments| match segments {
        [only] if only.len() <= SHORT_WORDS => Some(raw_segment(only)),
        _ => None,
    })
}

fn raw_segment(words: &[u64]) -> RawSegment {
    RawSegment { words: words.as_ptr(), length: words.len() }
}

/// A message that comes with its owner.
fn hand_over(border: &Rc<Border>, message: Rc<Message>) -> RawMessage {
    let segments = message.with_segments(|segments| segments.iter().map(|words| raw_segment(words)).collect());
    let caps = message.caps().iter().map(|cap| border.export_cap(cap.as_deref())).collect();
    let sent = Box::new(Sent { segments, caps, _message: message });
    RawMessage {
        segments: sent.segments.as_ptr(),
        segment_count: sent.segments.len(),
        caps: sent.caps.as_ptr(),
        cap_count: sent.caps.len(),
        owner: Box::into_raw(sent).cast(),
        free: Some(free_sent),
    }
}

unsafe extern "C" fn free_sent(owner: *mut c_void) {
    // SAFETY: the owner is a message that `hand_over` has leaked, and is freed once, on the thread that it came from.
    let sent = unsafe { Box::from_raw(owner.cast::<Sent>()) };
    // Dropping a message may drop anybody's objects, whose panic stays here.
    let _ = ww_call::shield(|| drop(sent));
}

/// Passes parameters to `call`.
///
/// # Errors
/// `failed` where the message is larger than a border lets pass; nobody is called then.
pub(super) fn with_params<R>(
    border: &Rc<Border>,
    params: Message,
    call: impl FnOnce(RawMessage) -> R,
) -> capnp::Result<R> {
    params.check()?;
    if let Some(segment) = short_segment(&params) {
        let message = RawMessage { segments: &raw const segment, segment_count: 1, ..RawMessage::EMPTY };
        return Ok(call(message));
    }
    Ok(call(hand_over(border, Rc::new(params))))
}

/// Writes results as an answer.
///
/// # Errors
/// `failed` where the message is larger than a border lets pass.
pub(super) fn send_results(border: &Rc<Border>, results: Rc<Message>, answer: &mut RawAnswer) -> capnp::Result<()> {
    results.check()?;
    match short_segment(&results) {
        Some(segment) if segment.length <= answer.room_words => {
            // SAFETY: the segment lies in `results`, and the caller has that much room.
            unsafe { std::ptr::copy_nonoverlapping(segment.words, answer.room, segment.length) };
            answer.short_words = segment.length;
            answer.message = RawMessage::EMPTY;
        }
        _ => answer.message = hand_over(border, results),
    }
    answer.status = Status::DONE;
    Ok(())
}

/// The results of an answer that is done.
///
/// # Errors
/// As [`receive`].
pub(super) fn receive_results(border: &Rc<Border>, answer: &RawAnswer) -> capnp::Result<Message> {
    if !answer.message.segments.is_null() || answer.message.cap_count > 0 {
        return receive(border, &answer.message);
    }
    let short = RawSegment { words: answer.room, length: answer.short_words.min(answer.room_words) };
    // SAFETY: the room is ours, and the words in it were just written.
    Ok(Message::from_words(Segments::new(unsafe { words(&short) }.to_vec(), Vec::new()), Vec::new()))
}

/// A message of the other side's. A short one is copied, a longer one is read where it lies.
///
/// # Errors
/// `failed` where it is larger than a border lets pass; what it carries is given back.
pub(super) fn receive(border: &Rc<Border>, message: &RawMessage) -> capnp::Result<Message> {
    // SAFETY: both lists are valid for the duration of the call that they came with.
    let (segments, caps) =
        unsafe { (list(message.segments, message.segment_count), list(message.caps, message.cap_count)) };
    let caps: Vec<_> = caps.iter().map(|cap| border.receive_cap(*cap)).collect();
    let owner = Owner { owner: message.owner, free: message.free };
    let total = segments.iter().map(|segment| segment.length).sum();
    Segments::check(total, segments.len(), caps.len())?;
    if total <= SHORT_WORDS || owner.owner.is_null() {
        // SAFETY: the words are valid for the duration of the call that they came with.
        let mut copies = segments.iter().map(|segment| unsafe { words(segment) }.to_vec());
        let first = copies.next().unwrap_or_default();
        return Ok(Message::from_words(Segments::new(first, copies.collect()), caps));
    }
    Ok(Message::lent(Box::new(Lent { segments: segments.to_vec(), _owner: owner }), caps))
}

/// A list of the other side's.
///
/// # Safety
/// There are `count` of them at `start`, for as long as the result is used; or `start` is null.
unsafe fn list<'a, T>(start: *const T, count: usize) -> &'a [T] {
    if start.is_null() {
        return &[];
    }
    // SAFETY: as above.
    unsafe { std::slice::from_raw_parts(start, count) }
}

/// The words of a segment.
///
/// # Safety
/// They are valid for as long as the result is used.
unsafe fn words<'a>(segment: &RawSegment) -> &'a [u64] {
    // SAFETY: as above.
    unsafe { list(segment.words, segment.length) }
}

/// A message of the other side's, read where it lies.
struct Lent {
    segments: Vec<RawSegment>,
    _owner: Owner,
}

impl Kept for Lent {
    fn count(&self) -> usize {
        self.segments.len()
    }

    fn segment(&self, index: usize) -> Option<&[u64]> {
        // SAFETY: the words stay where they are until the owner is freed, which is when this is dropped.
        self.segments.get(index).map(|segment| unsafe { words(segment) })
    }
}

/// What the other side keeps for us.
struct Owner {
    owner: *mut c_void,
    free: Option<unsafe extern "C" fn(*mut c_void)>,
}

impl Drop for Owner {
    fn drop(&mut self) {
        // SAFETY: it was handed over to us with what frees it; we do that once.
        unsafe { free(self.owner, self.free) };
    }
}
