//! How outcomes and events are written as words. `wit/wetware.wit` describes the format; both sides use this code.

use capnp::{Error, ErrorKind};

use crate::limits::MAX_ERROR_TEXT;
use crate::message::Segments;

/// How many words of a message, or of a text, need no allocation on the other side.
pub const INLINE_WORDS: usize = 8;

/// Segments of up to this many words are written between the events; longer ones are handed over as they are.
const LONG_WORDS: usize = 128;

const LONG: u64 = 1 << 63;

/// The tag of an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The call ended well.
    Done,
    /// The call failed.
    Failed,
    /// The answer comes later.
    Pending,
}

/// The first word of an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutcomeHead {
    /// Which it is.
    pub outcome: Outcome,
    /// The kind of the error, where it failed.
    pub error: ErrorKind,
    /// The call id, or the number of words or bytes that lie in the eight words.
    pub number: u32,
}

impl OutcomeHead {
    /// A call that ended with a message of `words` words that lie inline; 0 where they lie in the list.
    pub fn done(words: usize) -> Self {
        Self { outcome: Outcome::Done, error: ErrorKind::Failed, number: words as u32 }
    }

    /// A call that failed, with a text of `bytes` bytes.
    pub fn failed(error: ErrorKind, bytes: usize) -> Self {
        Self { outcome: Outcome::Failed, error, number: bytes as u32 }
    }

    /// A call whose answer comes as an event.
    pub fn pending(call: u32) -> Self {
        Self { outcome: Outcome::Pending, error: ErrorKind::Failed, number: call }
    }

    /// As a word.
    pub fn encode(self) -> u64 {
        let tag = match self.outcome {
            Outcome::Done => 0,
            Outcome::Failed => 1,
            Outcome::Pending => 2,
        };
        tag | error_code(self.error) << 8 | u64::from(self.number) << 32
    }

    /// From a word; `None` for one that nobody has written.
    pub fn decode(word: u64) -> Option<Self> {
        let outcome = match word as u8 {
            0 => Outcome::Done,
            1 => Outcome::Failed,
            2 => Outcome::Pending,
            _ => return None,
        };
        Some(Self { outcome, error: error_kind((word >> 8) as u8), number: (word >> 32) as u32 })
    }
}

fn error_code(kind: ErrorKind) -> u64 {
    match kind {
        ErrorKind::Overloaded => 1,
        ErrorKind::Disconnected => 2,
        ErrorKind::Unimplemented => 3,
        _ => 0,
    }
}

fn error_kind(code: u8) -> ErrorKind {
    match code {
        1 => ErrorKind::Overloaded,
        2 => ErrorKind::Disconnected,
        3 => ErrorKind::Unimplemented,
        _ => ErrorKind::Failed,
    }
}

/// The text of an error that crosses a border: of bounded length, and with the name of a kind that does not cross.
pub fn error_text(error: &Error) -> String {
    let standard = matches!(
        error.kind,
        ErrorKind::Failed | ErrorKind::Overloaded | ErrorKind::Disconnected | ErrorKind::Unimplemented
    );
    let mut text = if standard { error.extra.clone() } else { error.to_string() };
    if text.len() > MAX_ERROR_TEXT {
        let end = (0..=MAX_ERROR_TEXT).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
    }
    text
}

/// A text as words, the last one filled up with zeros.
pub fn text_words(text: &str) -> Vec<u64> {
    text.as_bytes()
        .chunks(8)
        .map(|chunk| {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            u64::from_le_bytes(word)
        })
        .collect()
}

/// The error that words tell of. A length past the words is cut to them.
pub fn error_from_words(kind: ErrorKind, words: &[u64], bytes: usize) -> Error {
    let mut text: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    text.truncate(bytes.min(MAX_ERROR_TEXT));
    Error { kind, extra: String::from_utf8_lossy(&text).into_owned() }
}

/// What happened, from the guest's point of view.
#[derive(Debug)]
pub enum Event {
    /// A call of the guest's has ended well.
    Completed {
        /// Its id.
        call: u32,
        /// The results.
        results: Words,
    },
    /// A call of the guest's has failed.
    Failed {
        /// Its id.
        call: u32,
        /// The error.
        error: Error,
    },
    /// The host drops a call that the guest is answering.
    Cancelled {
        /// Its id.
        call: u32,
    },
    /// References to an object of the guest's have come back.
    Released {
        /// The object.
        number: u32,
        /// How many.
        count: u32,
    },
    /// A call for an object of the guest's.
    Incoming {
        /// Its id.
        call: u32,
        /// The object.
        number: u32,
        /// The interface that declares the method.
        interface: u64,
        /// The method.
        method: u16,
        /// Whether it is a streaming method.
        streaming: bool,
        /// The parameters.
        params: Words,
    },
    /// The host has closed the connection.
    Closed {
        /// Why.
        error: Error,
    },
}

/// A message as it crosses: segments, and handles.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// The segments.
    pub segments: Segments,
    /// The handles.
    pub handles: Vec<u32>,
}

const COMPLETED: u64 = 0;
const FAILED: u64 = 1;
const CANCELLED: u64 = 2;
const RELEASED: u64 = 3;
const INCOMING: u64 = 4;
const CLOSED: u64 = 5;

/// The flag of a streaming call.
pub const STREAMING: u8 = 1;

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
        self.head(COMPLETED, ErrorKind::Failed, call);
        self.message(segments, handles);
    }

    /// A call of the guest's has failed.
    pub fn failed(&mut self, call: u32, error: &Error) {
        self.head(FAILED, error.kind, call);
        self.text(error);
    }

    /// The host drops a call that the guest is answering.
    pub fn cancelled(&mut self, call: u32) {
        self.head(CANCELLED, ErrorKind::Failed, call);
    }

    /// References to an object of the guest's have come back.
    pub fn released(&mut self, number: u32, count: u32) {
        self.head(RELEASED, ErrorKind::Failed, number);
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
        self.head(INCOMING, ErrorKind::Failed, call);
        let flags = if streaming { u64::from(STREAMING) } else { 0 };
        self.words.extend([number.into(), interface, u64::from(method) | flags << 16]);
        self.message(segments, handles);
    }

    /// The host has closed the connection.
    pub fn closed(&mut self, error: &Error) {
        self.head(CLOSED, error.kind, 0);
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

/// Reads events.
#[derive(Debug)]
pub struct EventReader {
    words: std::vec::IntoIter<u64>,
    long: std::vec::IntoIter<Vec<u64>>,
}

impl EventReader {
    /// Reads what [`EventWriter::finish`] returned.
    pub fn new(words: Vec<u64>, long: Vec<Vec<u64>>) -> Self {
        Self { words: words.into_iter(), long: long.into_iter() }
    }

    fn event(&mut self) -> Option<Event> {
        let head = self.words.next()?;
        let number = (head >> 32) as u32;
        let kind = error_kind((head >> 8) as u8);
        Some(match head & 0xff {
            COMPLETED => Event::Completed { call: number, results: self.message()? },
            FAILED => Event::Failed { call: number, error: self.text(kind)? },
            CANCELLED => Event::Cancelled { call: number },
            RELEASED => Event::Released { number, count: self.words.next()? as u32 },
            INCOMING => {
                let target = self.words.next()? as u32;
                let interface = self.words.next()?;
                let method = self.words.next()?;
                Event::Incoming {
                    call: number,
                    number: target,
                    interface,
                    method: method as u16,
                    streaming: (method >> 16) as u8 & STREAMING != 0,
                    params: self.message()?,
                }
            }
            CLOSED => Event::Closed { error: self.text(kind)? },
            _ => return None,
        })
    }

    fn text(&mut self, kind: ErrorKind) -> Option<Error> {
        let bytes = self.words.next()? as usize;
        let words = self.take(bytes.div_ceil(8))?;
        Some(error_from_words(kind, &words, bytes))
    }

    fn message(&mut self) -> Option<Words> {
        let counts = self.words.next()?;
        let (segments, handles) = (counts as u32 as usize, (counts >> 32) as usize);
        let pairs = self.take(handles.div_ceil(2))?;
        let mut handles_read: Vec<u32> = pairs.iter().flat_map(|pair| [*pair as u32, (*pair >> 32) as u32]).collect();
        handles_read.truncate(handles);
        let first = if segments > 0 { self.segment()? } else { Vec::new() };
        let rest = (1..segments).map(|_| self.segment()).collect::<Option<_>>()?;
        Some(Words { segments: Segments::new(first, rest), handles: handles_read })
    }

    fn segment(&mut self) -> Option<Vec<u64>> {
        let head = self.words.next()?;
        if head & LONG != 0 { self.long.next() } else { self.take(head as u32 as usize) }
    }

    fn take(&mut self, count: usize) -> Option<Vec<u64>> {
        let words = self.words.as_slice().get(..count)?.to_vec();
        if count > 0 {
            self.words.nth(count - 1);
        }
        Some(words)
    }
}

impl Iterator for EventReader {
    type Item = Event;

    /// The next event; `None` at the end, and from the first word on that is no event.
    fn next(&mut self) -> Option<Event> {
        self.event()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_survive_their_crossing() {
        let mut writer = EventWriter::new();
        let long = vec![7; LONG_WORDS + 1];
        writer.completed(1, &[&[1, 2], &long], &[NULL_HANDLE, 5, 6]);
        writer.failed(2, &Error::overloaded("full".into()));
        writer.cancelled(3);
        writer.released(4, 9);
        writer.incoming(5, 6, 0xabc, 7, true, &[&[]], &[]);
        writer.closed(&Error::disconnected("gone".into()));
        let (words, segments) = writer.finish();
        let events: Vec<Event> = EventReader::new(words, segments).collect();
        assert_eq!(events.len(), 6);
        let Event::Completed { call: 1, results } = &events[0] else { panic!("{events:?}") };
        assert_eq!(
            *results,
            Words { segments: Segments::new(vec![1, 2], vec![long]), handles: vec![NULL_HANDLE, 5, 6] }
        );
        assert!(
            matches!(&events[1], Event::Failed { call: 2, error } if error.kind == ErrorKind::Overloaded && error.extra == "full")
        );
        assert!(matches!(events[2], Event::Cancelled { call: 3 }));
        assert!(matches!(events[3], Event::Released { number: 4, count: 9 }));
        assert!(matches!(
            events[4],
            Event::Incoming { call: 5, number: 6, interface: 0xabc, method: 7, streaming: true, .. }
        ));
        assert!(matches!(&events[5], Event::Closed { error } if error.kind == ErrorKind::Disconnected));
    }

    const NULL_HANDLE: u32 = u32::MAX;

    #[test]
    fn garbage_ends_the_events() {
        for words in [vec![0xff], vec![COMPLETED, u64::MAX], vec![FAILED, u64::MAX], vec![COMPLETED, 1, LONG | 3]] {
            assert_eq!(EventReader::new(words.clone(), Vec::new()).count(), 0, "{words:x?}");
        }
    }

    #[test]
    fn outcome_heads_survive_their_crossing() {
        for head in
            [OutcomeHead::done(8), OutcomeHead::failed(ErrorKind::Unimplemented, 64), OutcomeHead::pending(u32::MAX)]
        {
            assert_eq!(OutcomeHead::decode(head.encode()), Some(head));
        }
        assert_eq!(OutcomeHead::decode(3), None);
    }

    #[test]
    fn a_long_error_is_cut_at_a_character() {
        let error = Error::failed("é".repeat(MAX_ERROR_TEXT));
        let text = error_text(&error);
        assert!(text.len() <= MAX_ERROR_TEXT && text.ends_with('é'));
        assert_eq!(error_from_words(ErrorKind::Failed, &text_words(&text), text.len()).extra, text);
    }
}
