//! The ways in which the component misbehaves. Its tests include this file: a switch without a test does not compile.

/// One way to misbehave: a word that a guest says to it, or what its configuration has it do when it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Switch {
    /// Nothing is wrong.
    None,
    /// A panic, which in a component is a trap.
    Trap,
    /// It computes without end.
    Loop,
    /// It calls itself without end.
    Recurse,
    /// It takes all memory there is.
    Allocate,
    /// It writes lines without end.
    Flood,
    /// It never answers.
    Never,
    /// It ends.
    Leave,
    /// It writes to a place that it was not granted.
    Write,
}

impl Switch {
    /// All of them.
    pub(crate) const ALL: &[Self] = &[
        Self::None,
        Self::Trap,
        Self::Loop,
        Self::Recurse,
        Self::Allocate,
        Self::Flood,
        Self::Never,
        Self::Leave,
        Self::Write,
    ];

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Trap => "trap",
            Self::Loop => "loop",
            Self::Recurse => "recurse",
            Self::Allocate => "allocate",
            Self::Flood => "flood",
            Self::Never => "never",
            Self::Leave => "leave",
            Self::Write => "write",
        }
    }
}
