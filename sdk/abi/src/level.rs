//! How important a line of the log is.

/// How important a line of the log is. Not an enum: a number of the other side's may be any.
///
/// A native plugin hands it over with the line; a component writes lines to its standard error, and begins each with
/// `<LEVEL>`, the number in angle brackets. Lines without one are of the level [`Level::INFO`].
#[derive(Debug)]
pub struct Level;

impl Level {
    /// Something is broken.
    pub const ERROR: u32 = 1;
    /// Something needs attention.
    pub const WARN: u32 = 2;
    /// What an operator may want to know.
    pub const INFO: u32 = 3;
    /// What an author may want to know.
    pub const DEBUG: u32 = 4;
    /// Everything.
    pub const TRACE: u32 = 5;
}
