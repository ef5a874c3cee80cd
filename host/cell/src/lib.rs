//! Sandboxed cells.

pub mod fs;
pub mod wasi;
