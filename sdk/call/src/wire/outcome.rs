//! The head of an outcome.

use capnp::ErrorKind;

use super::error::{error_code, error_kind};

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
