//! The standard plugins: the one place of the host that knows their names.
//!
//! They are found at run time, like any other plugin; `ww` works without them. None of them ships with this version.

/// A plugin that is looked for where something needs it, without being asked for.
#[derive(Debug)]
pub struct Standard {
    /// Its name, and that of its file: `libNAME.so`.
    pub name: &'static str,
    /// The capabilities that it may use without the operator's word.
    pub grants: &'static [&'static str],
}

/// All of them.
pub const STANDARD: &[Standard] = &[];
