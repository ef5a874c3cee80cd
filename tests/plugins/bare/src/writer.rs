//! Results, laid out by hand.

use std::ffi::c_void;

use ww_abi::{RawAnswer, RawCap, RawMessage, RawSegment, Status};

use crate::object::Object;

/// The results of one call: one segment, and at most one capability.
pub(crate) struct Results {
    words: Vec<u64>,
    cap: Option<RawCap>,
}

/// Results that are handed over.
struct Sent {
    _words: Vec<u64>,
    segment: RawSegment,
    cap: RawCap,
}

/// A pointer to a structure that follows at once.
const fn structure(data: u64, pointers: u64) -> u64 {
    data << 32 | pointers << 48
}

/// The first capability of a message.
const CAPABILITY: u64 = 3;

impl Results {
    /// Results without a field.
    pub(crate) fn nothing() -> Self {
        Self { words: vec![structure(0, 0)], cap: None }
    }

    /// Results of which the only field is a capability.
    pub(crate) fn capability(object: Object) -> Self {
        Self { words: vec![structure(0, 1), CAPABILITY], cap: Some(object.cap()) }
    }

    /// Results of which the only field is a text.
    pub(crate) fn text(text: &[u8]) -> Self {
        let mut words = vec![structure(0, 1), 0];
        put_text(&mut words, 1, text);
        Self { words, cap: None }
    }

    /// Results of which the only field is a manifest. Lists that it does not have are null.
    pub(crate) fn manifest(interface: u64, contract: u32, texts: [&[u8]; 3]) -> Self {
        const POINTERS: usize = 6;
        let mut words = vec![structure(0, 1), structure(2, POINTERS as u64), interface, contract.into()];
        let first = words.len();
        words.resize(first + POINTERS, 0);
        for (number, text) in texts.into_iter().enumerate() {
            put_text(&mut words, first + number, text);
        }
        Self { words, cap: None }
    }

    /// Answers with them: in the caller's room where they fit there, otherwise handed over.
    ///
    /// # Safety
    /// The answer is one that a caller has prepared.
    pub(crate) unsafe fn put(self, answer: &mut RawAnswer) {
        answer.status = Status::DONE;
        match self.cap {
            None if self.words.len() <= answer.room_words => {
                answer.short_words = self.words.len();
                // SAFETY: there is room for as many words as the caller says.
                unsafe { answer.room.copy_from_nonoverlapping(self.words.as_ptr(), self.words.len()) };
            }
            cap => answer.message = hand_over(self.words, cap),
        }
    }
}

fn hand_over(words: Vec<u64>, cap: Option<RawCap>) -> RawMessage {
    let segment = RawSegment { words: words.as_ptr(), length: words.len() };
    let sent = Box::new(Sent { _words: words, segment, cap: cap.unwrap_or(RawCap::NULL) });
    RawMessage {
        segments: &raw const sent.segment,
        segment_count: 1,
        caps: &raw const sent.cap,
        cap_count: cap.iter().len(),
        owner: Box::into_raw(sent).cast(),
        free: Some(free),
    }
}

unsafe extern "C" fn free(owner: *mut c_void) {
    // SAFETY: the owner is what `hand_over` has leaked, and is freed once.
    drop(unsafe { Box::from_raw(owner.cast::<Sent>()) });
}

/// Puts a text behind everything, and the pointer to it in its place.
fn put_text(words: &mut Vec<u64>, pointer: usize, text: &[u8]) {
    let (offset, length) = ((words.len() - pointer - 1) as u64, text.len() as u64 + 1);
    words[pointer] = 1 | offset << 2 | 2 << 32 | length << 35;
    let mut bytes = text.to_vec();
    bytes.resize((text.len() / 8 + 1) * 8, 0);
    words.extend(
        bytes.chunks_exact(8).map(|chunk| chunk.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))),
    );
}
