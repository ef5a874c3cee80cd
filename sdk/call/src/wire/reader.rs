//! Reading events.

use capnp::{Error, ErrorKind};

use super::STREAMING;
use super::error::{error_from_words, error_kind};
use super::event::{Event, LONG, Words, kind};
use crate::message::Segments;

/// Reads events.
#[derive(Debug)]
pub struct EventReader {
    words: std::vec::IntoIter<u64>,
    long: std::vec::IntoIter<Vec<u64>>,
}

impl EventReader {
    /// Reads what [`EventWriter::finish`](super::EventWriter::finish) returned.
    pub fn new(words: Vec<u64>, long: Vec<Vec<u64>>) -> Self {
        Self { words: words.into_iter(), long: long.into_iter() }
    }

    fn event(&mut self) -> Option<Event> {
        let head = self.words.next()?;
        let number = (head >> 32) as u32;
        let error = error_kind((head >> 8) as u8);
        Some(match head & 0xff {
            kind::COMPLETED => Event::Completed { call: number, results: self.message()? },
            kind::FAILED => Event::Failed { call: number, error: self.text(error)? },
            kind::CANCELLED => Event::Cancelled { call: number },
            kind::RELEASED => Event::Released { number, count: self.words.next()? as u32 },
            kind::INCOMING => {
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
            kind::CLOSED => Event::Closed { error: self.text(error)? },
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
