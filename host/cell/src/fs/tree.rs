//! What a tree of files is, wherever its files come from.

use super::error::FsResult;
use super::local::LocalTree;
use super::path::TreePath;
use async_trait::async_trait;
use std::io;
use std::sync::Arc;
use std::time::SystemTime;

/// A read-only tree of directories, files and symbolic links.
///
/// **No call follows a symbolic link.** A call that meets one before the end of its path stops there and gives it back
/// as [`Walk::Link`]; the caller works out where it leads, with all of the guest's tree in view, and calls again. So a
/// path without links costs one call, and a link costs one more.
///
/// **No call blocks the thread that polls it.** Work that can block goes to the blocking pool, as much of one call as
/// possible in one hop.
///
/// Only directories, regular files and symbolic links are in a tree: anything else, and any name that is not UTF-8, is
/// not there. Names of removals in image layers (`.wh.*`) are there like any other; they are hidden from guests above
/// this trait.
///
/// A call on a path fails with `NotFound` where a name is missing and with `NotDirectory` where a file stands in the
/// way, so that whoever lays trees over each other can tell the two apart.
#[async_trait]
pub trait Tree: Send + Sync + 'static {
    /// What is at `path`. A link at its end is what is asked for: its target is in the entry.
    async fn lookup(&self, path: &TreePath) -> FsResult<Walk<Entry>>;

    /// Opens what is at `path`. A link at its end is given back like one on the way.
    async fn open(&self, path: &TreePath) -> FsResult<Walk<Opened>>;

    /// The names in the directory at `path`. A link at its end is given back like one on the way.
    async fn list(&self, path: &TreePath) -> FsResult<Walk<Box<dyn Entries>>>;

    /// The directory of this machine that the tree is, if it is one: several of them are asked in one hop.
    fn as_local(&self) -> Option<&LocalTree> {
        None
    }
}

/// How far a path could be walked.
#[derive(Debug)]
pub enum Walk<T> {
    /// To its end.
    Done(T),
    /// To a symbolic link.
    Link {
        /// How many names lead to the link, its own included.
        depth: usize,
        /// What it says.
        target: String,
    },
}

impl<T> Walk<T> {
    /// Turns what was found into something else.
    pub fn map<U>(self, turn: impl FnOnce(T) -> U) -> Walk<U> {
        match self {
            Walk::Done(found) => Walk::Done(turn(found)),
            Walk::Link { depth, target } => Walk::Link { depth, target },
        }
    }
}

/// What there is to know about one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub kind: Kind,
    /// Bytes of a file, or of a link's target; for a directory whatever its source says.
    pub size: u64,
    /// How many names it has.
    pub links: u64,
    /// When it was last read, changed, and changed in its properties, where its source keeps that.
    pub times: Times,
    /// Which object it is.
    pub id: ObjectId,
}

/// The times of an object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// Last read.
    pub accessed: Option<SystemTime>,
    /// Last change of its content.
    pub modified: Option<SystemTime>,
    /// Creation.
    pub created: Option<SystemTime>,
}

/// What an object is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A directory.
    Directory,
    /// A regular file.
    File {
        /// Whether somebody may execute it.
        executable: bool,
    },
    /// A symbolic link.
    Link {
        /// What it says.
        target: String,
    },
}

/// Two numbers that no other object in the same tree has at the same time: device and inode, or part of a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ObjectId(pub u64, pub u64);

/// What `open` gives.
pub enum Opened {
    /// A file, and how to read it.
    File(Entry, Arc<dyn ReadAt>),
    /// A directory. There is nothing to hold: it is read by path.
    Directory(Entry),
}

/// The content of an open file, all of which is on this machine.
pub trait ReadAt: Send + Sync + 'static {
    /// Reads into `buffer` what lies at `offset`; 0 at the end of the file and past it. **May block**: called on the
    /// blocking pool only.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Whether the content stays as it is while the file is open, so that it may be read ahead.
    fn is_stable(&self) -> bool {
        true
    }
}

/// One name of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The name.
    pub name: String,
    /// What has that name.
    pub kind: NamedKind,
}

/// What a directory says of a name without looking further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedKind {
    /// A directory.
    Directory,
    /// A regular file.
    File,
    /// A symbolic link.
    Link,
}

/// The names of a directory, in any order, a part at a time.
#[async_trait]
pub trait Entries: Send + 'static {
    /// The next names, at most [`LIST_CHUNK`](super::limits::LIST_CHUNK) of them; none at the end.
    async fn next(&mut self) -> FsResult<Vec<Named>>;
}
