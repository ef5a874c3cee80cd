//! Errors as words.

use capnp::{Error, ErrorKind};

use crate::limits::MAX_ERROR_TEXT;

/// The number of a kind of error, as it crosses a border.
pub fn error_code(kind: ErrorKind) -> u64 {
    match kind {
        ErrorKind::Overloaded => 1,
        ErrorKind::Disconnected => 2,
        ErrorKind::Unimplemented => 3,
        _ => 0,
    }
}

/// The kind of error that a number stands for; `Failed` for one that is none.
pub fn error_kind(code: u8) -> ErrorKind {
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

/// An error as the other side of a border gets it: of one of the kinds that cross, with a text of bounded length.
pub fn crossing(error: &Error) -> Error {
    Error { kind: error_kind(error_code(error.kind) as u8), extra: error_text(error) }
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

/// The error that words tell of. A length past the words is cut to them, and so is a text that is too long to cross: no
/// more of it is copied.
pub fn error_from_words(kind: ErrorKind, words: &[u64], bytes: usize) -> Error {
    let bytes = bytes.min(MAX_ERROR_TEXT);
    let mut text: Vec<u8> = words.iter().take(bytes.div_ceil(8)).flat_map(|word| word.to_le_bytes()).collect();
    text.truncate(bytes);
    Error { kind, extra: String::from_utf8_lossy(&text).into_owned() }
}
