//! Writing events.

use capnp::{Error, ErrorKind};

use super::STREAMING;
use super::error::{error_code, error_text, text_words};
use super::event::{LONG, kind};

/// Segments of up to this many words are written between the events; longer ones are handed over as they are.
pub(super) const LONG_WORDS: usize = 128;

/// Writes events, in the order in which they happened.
#[derive(Debug, Default)]
pub struct EventWriter {
    words: Vec<u64>,
    long: Vec<Vec<u64>>,
    long_words: usize,
}

impl EventWriter {
    /// No events yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// How many words have been written, the long segments included.
    pub fn len(&self) -> usize {
        self.words.len() + self.long_words
    }

    /// The two lists.
    pub fn finish(self) -> (Vec<u64>, Vec<Vec<u64>>) {
        (self.words, self.long)
    }

    /// A call of the guest's has ended well.
    pub fn completed(&mut self, call: u32, segments: &[&[u64]], handles: &[u32]) {
        self.head(kind::COMPLETED, ErrorKind::Failed, call);
        self.message(segments, handles);
    }

    /// A call of the guest's has failed.
    pub fn failed(&mut self, call: u32, error: &Error) {
        self.head(kind::FAILED, error.kind, call);
        self.text(error);
    }

    /// The host drops a call that the guest is answering.
    pub fn cancelled(&mut self, call: u32) {
        self.head(kind::CANCELLED, ErrorKind::Failed, call);
    }

    /// References to an object of the guest's have come back.
    pub fn released(&mut self, number: u32, count: u32) {
        self.head(kind::RELEASED, ErrorKind::Failed, number);
        self.words.push(count.into());
    }

    /// A call for an object of the guest's.
    #[expect(clippy::too_many_arguments, reason = "these are the fields of a call, as they are written")]
    pub fn incoming(
        &mut self,
        call: u32,
        number: u32,
        interface: u64,
        method: u16,
        streaming: bool,
        segments: &[&[u64]],
        handles: &[u32],
    ) {
        self.head(kind::INCOMING, ErrorKind::Failed, call);
        let flags = if streaming { u64::from(STREAMING) } else { 0 };
        self.words.extend([number.into(), interface, u64::from(method) | flags << 16]);
        self.message(segments, handles);
    }

    /// The host has closed the connection.
    pub fn closed(&mut self, error: &Error) {
        self.head(kind::CLOSED, error.kind, 0);
        self.text(error);
    }

    fn head(&mut self, kind: u64, error: ErrorKind, number: u32) {
        self.words.push(kind | error_code(error) << 8 | u64::from(number) << 32);
    }

    fn text(&mut self, error: &Error) {
        let text = error_text(error);
        self.words.push(text.len() as u64);
        self.words.extend(text_words(&text));
    }

    fn message(&mut self, segments: &[&[u64]], handles: &[u32]) {
        self.words.push(segments.len() as u64 | (handles.len() as u64) << 32);
        for pair in handles.chunks(2) {
            let high = pair.get(1).copied().unwrap_or(0);
            self.words.push(u64::from(pair[0]) | u64::from(high) << 32);
        }
        for segment in segments {
            if segment.len() > LONG_WORDS {
                self.words.push(segment.len() as u64 | LONG);
                self.long_words += segment.len();
                self.long.push(segment.to_vec());
            } else {
                self.words.push(segment.len() as u64);
                self.words.extend_from_slice(segment);
            }
        }
    }
}
