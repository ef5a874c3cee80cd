//! How outcomes and events are written as words. `wit/wetware.wit` describes the format; both sides use this code.

mod error;
mod event;
mod outcome;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

pub use error::{crossing, error_code, error_from_words, error_kind, error_text, text_words};
pub use event::{Event, Words};
pub use outcome::{Outcome, OutcomeHead};
pub use reader::EventReader;
pub use writer::{Content, EventWriter};

/// How many words of a message, or of a text, need no allocation on the other side.
pub const INLINE_WORDS: usize = 8;

/// The flag of a streaming call.
pub const STREAMING: u8 = 1;
