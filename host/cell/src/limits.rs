//! The bounds of cells, each with its reason. `fs::limits` has those of the file tree.

use std::time::Duration;

/// Bytes of a guest's linear memory, all of its memories together, unless the operator says otherwise. Growth beyond it
/// returns -1 to the guest: a cell must not be able to take the node down.
pub const MEMORY: usize = 256 << 20;

/// The most that an operator can allow: what a guest can address.
pub const MOST_MEMORY: usize = 4 << 30;

/// What one cell may use, as its operator or its parent says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellLimits {
    /// Bytes of linear memory, at most [`MOST_MEMORY`]; see [`MEMORY`].
    pub memory: usize,
    /// Processor time, that of the calls that it makes in place included. None where it is not limited.
    pub cpu: Option<Duration>,
    /// Processor time without a pause: until it waits for something. None where it is not limited.
    pub pause: Option<Duration>,
    /// Time from its start on. None where it is not limited.
    pub wall: Option<Duration>,
    /// Calls of what it serves that are outstanding at once, at most [`CALLS`].
    pub calls: usize,
    /// Time that a call of what it serves may take. None where it is not limited, as a call may be one that waits.
    pub answer: Option<Duration>,
}

impl Default for CellLimits {
    fn default() -> Self {
        Self { memory: MEMORY, cpu: None, pause: None, wall: None, calls: CALLS, answer: None }
    }
}

/// Elements of one table of a guest.
pub const TABLE_ELEMENTS: usize = 100_000;

/// Core instances, tables and memories of one cell: a component may have several of each, host memory is bounded.
pub const INSTANCES: usize = 64;
/// See [`INSTANCES`].
pub const TABLES: usize = 64;
/// See [`INSTANCES`].
pub const MEMORIES: usize = 16;

/// Bytes that the host keeps for the variables, functions and imports of one cell, or of one module of it.
pub const INSTANCE_BYTES: usize = 1 << 20;

/// Components that one cell is, all instances counted, of which each is written out when it is compiled. Those that tools
/// put together of many have some dozens.
pub const COMPONENT_INSTANCES: usize = 1_000;

/// Components and modules in each other. Those that tools make have two or three levels; a compiler keeps something for each.
pub const NESTING: usize = 32;

/// How often a guest that computes yields to its neighbours. Between two instructions, that is: one that fills or copies
/// memory is carried out as a whole, and with all that [`MEMORY`] allows takes some dozens of milliseconds.
pub const TICK: Duration = Duration::from_millis(5);

/// Bytes of a guest's stack: recursion ends in a clean trap.
pub const WASM_STACK: usize = 512 << 10;

/// Bytes of the stack that a guest and the host functions that it calls share.
pub const ASYNC_STACK: usize = 2 << 20;

/// Cells that can be alive at once in this process.
pub const CELLS: u32 = 4096;

/// Entries of a guest's resource table, those of its own resources among them: each one is host memory.
pub const RESOURCES: usize = 10_000;

/// Bytes of a component's file. What is longer takes minutes to compile.
pub const COMPONENT_BYTES: u64 = 64 << 20;

/// Compilations that run at once in this process: each takes all cores where it can, more would only wait for each other
/// and hold memory meanwhile.
pub const COMPILATIONS: usize = 2;

/// How long one compilation may take, unless the operator says otherwise. A component can be made to take very long.
pub const COMPILE_TIME: Duration = Duration::from_secs(60);

/// Bytes of memory of a process that compiles, unless the operator says otherwise. A component can be made to need more than
/// a thousand times its length.
pub const COMPILE_MEMORY: u64 = 2 << 30;

/// Bytes of the code of one component. What comes of those that do something is two to five times as long as they are.
pub const CODE_BYTES: u64 = 512 << 20;

/// Compiled programs that are kept in memory, the least recently used one goes first.
pub const PROGRAMS_KEPT: usize = 64;

/// Bytes of compiled code that are kept on disk, the oldest goes first.
pub const CODE_CACHE_BYTES: u64 = 2 << 30;

/// Bytes of stdio that wait for their reader. A full pipe is back-pressure, never a loss.
pub const PIPE_BYTES: usize = 64 << 10;

/// Calls of a guest, or into it, that are outstanding at once. One more fails as `overloaded`.
pub const CALLS: usize = 8192;

/// Objects that a guest holds of the host's, or the host of a guest's. A guest that goes beyond is ended.
pub const OBJECTS: usize = 16_384;

/// Releases in one `wait`: each is looked up in the guest's turn. A guest that holds all it can gives back one for each, so
/// one with twice as many is up to something, and is ended.
pub const RELEASES: usize = 2 * OBJECTS;

/// Bytes of events that wait for a guest to fetch them. A guest that leaves more results than that is ended; a call into
/// it fails as `overloaded`, so that a caller cannot end it.
pub const QUEUED_BYTES: usize = 8 << 20;

/// Bytes of parameters of the calls that a guest has outstanding: the host holds them until they end. One call more fails
/// as `overloaded`.
pub const HELD_BYTES: usize = 8 << 20;

/// Bytes of RPC in each direction that wait for their reader.
pub const CONNECTION_PIPE_BYTES: usize = 256 << 10;

/// Words of one RPC message: the longest message of a call, and what RPC puts around it. That is two words for each
/// capability, and a few for the call itself.
pub const RPC_MESSAGE_WORDS: usize = ww_call::limits::MAX_MESSAGE_WORDS + RPC_ENVELOPE_WORDS;

const RPC_ENVELOPE_WORDS: usize = 16 << 10;

/// Words of one RPC message that may be read, all readings together: a guard's copy and the server's own reading both
/// count, and pointers may overlap.
pub const RPC_TRAVERSAL_WORDS: usize = ww_call::limits::TRAVERSAL_WORDS;

/// Calls over RPC that a guest has given up before they were answered, as long as its connection lives. The library has
/// no answer for those that end by that, and keeps a place for each: about 200 bytes.
pub const GIVEN_UP: usize = 64 << 10;

/// Promises of a guest's that have come home, as long as it has not let the calls pass that were made on them before. Each
/// holds back calls on the host's side.
pub const EMBARGOES: usize = OBJECTS;

/// Bytes that the host may allocate for one call of a guest's into it.
pub const HOST_CALL_BYTES: usize = 16 << 20;

/// Bytes of random data in one call.
pub const RANDOM_BYTES: u64 = 1 << 20;
