//! The bounds of a message, the same on every carrier.

/// Words of a message, all segments together: 1 MiB. What is longer goes in chunks or over a `ByteStream`, so that no
/// single call can make the other side allocate without bound.
pub const MAX_MESSAGE_WORDS: usize = 128 * 1024;

/// Segments of a message. A builder doubles its segments, so even 1 MiB takes about a dozen; each one costs the receiver
/// a table entry.
pub const MAX_SEGMENTS: usize = 512;

/// Capabilities in one message. Each costs the receiver an object.
pub const MAX_CAPS: usize = 4096;

/// Words that readers of one message may visit: 8 MiB, eight times the longest message. Pointers may overlap, so a short
/// message could otherwise be read without end.
pub const TRAVERSAL_WORDS: usize = 1024 * 1024;

/// How deep the structures of a message may nest. Readers recurse, and what a guest calls runs on a small stack.
pub const NESTING: i32 = 32;

/// Bytes of an error's text that cross a border; the rest is cut off.
pub const MAX_ERROR_TEXT: usize = 16 * 1024;

/// How many promises may hang on each other: a call on what a pending call will return, made before that is known, and so
/// on. Whoever polls the last one polls all of them, each on top of the stack of the one before. It bounds as well how many
/// promises may turn out to be one another, one after the other.
pub const MAX_PIPELINE_DEPTH: u32 = 64;
