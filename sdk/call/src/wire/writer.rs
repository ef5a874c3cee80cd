//! Writing events.

use capnp::{Error, ErrorKind};

use super::STREAMING;
use super::error::{error_code, error_text, text_words};
use super::event::{LONG, kind};

/// Segments of up to this many words are written between the events; longer ones are handed over as they are.
pub(super) const LONG_WORDS: usize = 128;

/// Writes events, in the order in which they happened.
///
/// `L` is how the long segments of messages are kept until they cross, so that whoever can keep the message itself need
/// not copy them.
#[derive(Debug)]
pub struct EventWriter<L = Vec<u64>> {
    words: Vec<u64>,
    long: Vec<L>,
    long_words: usize,
}

impl<L> Default for EventWriter<L> {
    fn default() -> Self {
        Self { words: Vec::new(), long: Vec::new(), long_words: 0 }
    }
}

/// A message that is written to events.
pub struct Content<'a, L = Vec<u64>> {
    /// Its segments.
    pub segments: &'a [&'a [u64]],
    /// Its handles.
    pub handles: &'a [u32],
    /// Keeps the segment of this index, which is long.
    pub keep: &'a dyn Fn(usize) -> L,
}

impl<L> EventWriter<L> {
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
    pub fn finish(self) -> (Vec<u64>, Vec<L>) {
        (self.words, self.long)
    }

    /// A call of the guest's has ended well.
    pub fn completed(&mut self, call: u32, results: Content<'_, L>) {
        self.head(kind::COMPLETED, ErrorKind::Failed, call);
        self.message(results);
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
    pub fn incoming(
        &mut self,
        call: u32,
        number: u32,
        interface: u64,
        method: u16,
        streaming: bool,
        params: Content<'_, L>,
    ) {
        self.head(kind::INCOMING, ErrorKind::Failed, call);
        let flags = if streaming { u64::from(STREAMING) } else { 0 };
        self.words.extend([number.into(), interface, u64::from(method) | flags << 16]);
        self.message(params);
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

    fn message(&mut self, Content { segments, handles, keep }: Content<'_, L>) {
        self.words.push(segments.len() as u64 | (handles.len() as u64) << 32);
        for pair in handles.chunks(2) {
            let high = pair.get(1).copied().unwrap_or(0);
            self.words.push(u64::from(pair[0]) | u64::from(high) << 32);
        }
        for (index, segment) in segments.iter().enumerate() {
            if segment.len() > LONG_WORDS {
                self.words.push(segment.len() as u64 | LONG);
                self.long_words += segment.len();
                self.long.push(keep(index));
            } else {
                self.words.push(segment.len() as u64);
                self.words.extend_from_slice(segment);
            }
        }
    }
}
