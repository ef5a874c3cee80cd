//! What one cell may use of the file tree, each with its reason.

/// Files, directories and directory streams that a cell may hold open. Each can hold a descriptor of the host's, whose
/// table all cells share. A further open fails as `quota`.
pub const MAX_DESCRIPTORS: usize = 128;

/// Byte streams over open files that a cell may hold. Each can hold [`READ_AHEAD`] twice and one job of the blocking
/// pool. A further stream fails as `quota`.
pub const MAX_STREAMS: usize = 128;

/// Bytes that one `read` hands over. Longer reads come back short, as reads may.
pub const MAX_READ: usize = 64 * 1024;

/// Bytes that one write stream takes before the guest has to wait for the disk.
pub const MAX_WRITE: usize = 64 * 1024;

/// Bytes that a stream over a file that does not change reads at once: as many as a guest can take with one read, so
/// that a sequential reader finds the next part ready.
pub const READ_AHEAD: usize = MAX_READ;

/// Bytes of one path, the target of a symbolic link included: what hosts have as `PATH_MAX`. A longer one fails as
/// `name-too-long`.
pub const MAX_PATH: usize = 4 * 1024;

/// Bytes of one name: what hosts' file systems store. A longer one fails as `name-too-long`.
pub const MAX_NAME: usize = 255;

/// Names in a path, from the guest's root. Every walk, removal included, is bounded by it. A deeper one fails as
/// `name-too-long`.
pub const MAX_DEPTH: usize = 64;

/// Symbolic links that one path may lead through, so that a loop of links ends. One more fails as `loop`.
pub const MAX_HOPS: usize = 8;

/// Bytes that `/tmp` and `/var` of a cell hold together: a guest must not fill the disk. A write past it fails as
/// `insufficient-space`.
pub const MAX_DISK: u64 = 256 * 1024 * 1024;

/// Names that `/tmp` and `/var` of a cell hold together: empty files cost the host inodes, not bytes. One more fails as
/// `insufficient-space`.
pub const MAX_ENTRIES: u64 = 100_000;

/// Names that a directory stream holds at a time, so that a directory of any length costs the host little.
pub const LIST_CHUNK: usize = 1024;

/// Layers that one tree is merged of. Each holds a descriptor of the host's for as long as the tree is there, and a name
/// that is nowhere is looked for in each. One more is an error when the tree is put together.
pub const MAX_LAYERS: usize = 32;

/// Bytes of names, [`NAME_COST`] included, that a directory stream over several layers holds at a time: some thousand
/// names. They are sorted, so a longer directory is read once more for every so many of its names, and one of any length
/// costs the host no more memory than this.
pub const LIST_WINDOW: usize = 256 * 1024;

/// Bytes that a name costs beside its own in a [`LIST_WINDOW`].
pub const NAME_COST: usize = 64;

/// The limits that an operator can set, for one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FsLimits {
    /// See [`MAX_DESCRIPTORS`].
    pub descriptors: usize,
    /// See [`MAX_STREAMS`].
    pub streams: usize,
    /// Bytes of `/tmp` and `/var` together, see [`MAX_DISK`].
    pub disk: u64,
    /// Names of `/tmp` and `/var` together, see [`MAX_ENTRIES`].
    pub entries: u64,
}

impl Default for FsLimits {
    fn default() -> Self {
        Self { descriptors: MAX_DESCRIPTORS, streams: MAX_STREAMS, disk: MAX_DISK, entries: MAX_ENTRIES }
    }
}
