//! A limit that a cell has run into.

use std::fmt;

/// Which limit it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LimitKind {
    /// Linear memory, see [`CellLimits::memory`](crate::CellLimits::memory).
    Memory,
    /// Elements of tables, see [`TABLE_ELEMENTS`](crate::limits::TABLE_ELEMENTS).
    Table,
    /// Processor time, see [`CellLimits::cpu`](crate::CellLimits::cpu).
    Cpu,
    /// Processor time without a pause, see [`CellLimits::pause`](crate::CellLimits::pause).
    Pause,
    /// Wall-clock time, see [`CellLimits::wall`](crate::CellLimits::wall).
    Wall,
    /// Host memory that one call may take, see [`HOST_CALL_BYTES`](crate::limits::HOST_CALL_BYTES).
    HostCall,
    /// Random bytes in one call, see [`RANDOM_BYTES`](crate::limits::RANDOM_BYTES).
    Random,
    /// Entries of the resource table, see [`RESOURCES`](crate::limits::RESOURCES).
    Resources,
    /// Capabilities that cross the border, see [`OBJECTS`](crate::limits::OBJECTS).
    Capabilities,
    /// Releases in one `wait`, see [`RELEASES`](crate::limits::RELEASES).
    Releases,
    /// Results that the guest does not fetch, see [`QUEUED_BYTES`](crate::limits::QUEUED_BYTES).
    Unread,
    /// One of an RPC connection, which the text names.
    Connection,
    /// Cells that are alive at once, see [`CELLS`](crate::limits::CELLS).
    Cells,
}

/// A limit that a cell has run into: which, and in words its name and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// Which.
    pub kind: LimitKind,
    text: String,
}

impl Limit {
    pub(crate) fn new(kind: LimitKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}
