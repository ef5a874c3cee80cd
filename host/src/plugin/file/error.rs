//! Why a file is no plugin that can be used.

use std::io;
use std::path::PathBuf;

use super::digest::Sha256;
use super::elf::Machine;
use super::read::MAX_BYTES;
use crate::plugin::manifest::{ManifestError, SECTION};

/// Why a file is no plugin that can be used: one line with the file's name.
#[derive(Debug, thiserror::Error)]
#[error("plugin {}: {fault}", path.display())]
pub struct FileError {
    /// The file, as it was named.
    pub path: PathBuf,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It is not there, or may not be read.
    #[error("cannot be read: {0}")]
    Read(io::Error),
    /// A directory, a pipe, a device.
    #[error("is {0}, no file")]
    NotAFile(&'static str),
    /// More than [`MAX_BYTES`].
    #[error("has {0} bytes, and the limit is {MAX_BYTES}")]
    TooLarge(u64),
    /// No bytes.
    #[error("the file is empty")]
    Empty,
    /// Something that is no plugin of any kind.
    #[error("is {0}; a plugin is a shared library or a WebAssembly component")]
    Foreign(&'static str),
    /// Its structure is broken.
    #[error("the file is cut off or damaged: {0}")]
    Damaged(String),
    /// Something follows the end of the library.
    #[error("has {0} bytes behind its end that are no whole seal; build or install it again")]
    Behind(u64),
    /// The seal is of other bytes.
    #[error("does not match its seal: it is damaged, or was changed after it was built; build or install it again")]
    Seal,
    /// A library or a component, but no plugin.
    #[error("is {0}, but no plugin: it has no section {SECTION}")]
    NoManifest(&'static str),
    /// Its manifest cannot be used.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The configuration demands other bytes.
    #[error("its SHA-256 digest is {found}, and the configuration demands {wanted}")]
    Digest {
        /// What is demanded.
        wanted: Sha256,
        /// What it is.
        found: Sha256,
    },
    /// A library for other machines.
    #[error("was built for {built}, and this machine is {here}", here = Machine::HERE)]
    Machine {
        /// What it was built for.
        built: Machine,
    },
    /// A panic in it would end the node.
    #[error(
        "was built with panic = \"abort\", so that a panic in it would end the node; build it with panic = \"unwind\""
    )]
    Aborts,
    /// No library.
    #[error("is a WebAssembly component, and no shared library")]
    Component,
    /// It cannot be put where the dynamic loader can open it.
    #[error("cannot be made ready to be loaded: {0}")]
    Place(io::Error),
}
