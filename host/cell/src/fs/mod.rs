//! The guest's file tree: `wasi:filesystem`, implemented over trees of our own.
//!
//! A guest sees one directory, `/`. It is the image, a [`Tree`] that nobody writes to; over it lie `/tmp`, private to the
//! cell and gone with it, and `/var`, which the node keeps. Which tree the image is makes no difference: a local directory
//! ([`LocalTree`]), several laid over each other ([`Union`]), or one that comes from the network.
//!
//! Invariants:
//! - Symbolic links are followed in one place, `resolve`, within the guest's tree. Nothing below it follows one.
//! - No file operation runs on a worker: what can block goes to the blocking pool, and one operation without links costs
//!   one hop. Closing files and removing `/tmp` happens there too.
//! - What a guest can hold or fill is bounded by [`limits`].
//! - Devices, FIFOs and sockets of the host are not there, and neither are names that start with `.wh.`.
//!
//! Deliberately absent: descriptors that follow a directory when it is renamed (a directory is a path), advice, and
//! file locks, which WASI 0.2 does not have.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test fails by panicking"))]

mod area;
mod at;
mod beneath;
mod bindings;
mod budget;
mod convert;
mod ctx;
mod descriptor;
mod entries;
mod error;
mod host;
mod input;
pub mod limits;
mod local;
mod namespace;
mod offload;
mod output;
mod path;
mod read;
mod resolve;
mod slots;
#[cfg(test)]
mod tests;
mod tree;
mod union;

pub use area::{Home, private_directories, private_directories_removed, remove_left_over};
pub use budget::Budget;
pub use ctx::{FsConfig, FsCtx, FsCtxView, FsView, add_to_linker};
pub use error::{FsError, FsResult};
pub use limits::FsLimits;
pub use local::LocalTree;
pub use path::TreePath;
pub use read::read_file;
pub use tree::{Entries, Entry, Kind, Named, NamedKind, ObjectId, Opened, ReadAt, Times, Tree, Walk};
pub use union::{TooManyLayers, Union};
