//! Why `ww run` failed.

use std::io;
use std::path::PathBuf;

use ww_cell::fs::{FsError, TooManyLayers};
use ww_cell::{CellError, Limit};

use crate::cli::{FAILURE, option_for};
use crate::control::SocketError;
use crate::identity::IdentityError;
use crate::plugin::{OpenError, PlanError};
use crate::swarm::SwarmError;

/// The status when a trap or a limit ended the guest.
const ENDED: u8 = 126;

/// Why `ww run` failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A directory of the image cannot be opened.
    #[error("image {path}: {cause}", path = path.display())]
    Image {
        /// As it was given.
        path: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
    /// The image has too many layers.
    #[error("image: {0}")]
    Layers(#[from] TooManyLayers),
    /// The image has no guest.
    #[error("image {image}: there is no boot/main.wasm; {remedy}")]
    NoBoot {
        /// Its paths, as they were given.
        image: String,
        /// What to do about it.
        remedy: String,
    },
    /// The image's guest cannot be read.
    #[error("image {image}: boot/main.wasm: {cause}")]
    BootFile {
        /// Its paths, as they were given.
        image: String,
        /// Why not.
        cause: FsError,
    },
    /// The guest cannot be made a program.
    #[error("{path}: {cause}{}", remedy_of_boot(cause), path = path.display())]
    Boot {
        /// Its file.
        path: PathBuf,
        /// Why not.
        cause: CellError,
    },
    /// There is no place for the node's data.
    #[error("data directory: this user has no home directory; name one with --data DIR")]
    NoData,
    /// The data directory cannot be used.
    #[error("data directory {path}: {cause}; name another one with --data DIR", path = path.display())]
    Data {
        /// Where it is.
        path: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
    /// The node has no identity.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// Another process listens on the port.
    #[error("port {0} is in use by another node; use --port 0")]
    PortInUse(u16),
    /// The swarm did not start.
    #[error(transparent)]
    Swarm(SwarmError),
    /// The runtime could not be set up.
    #[error("node: cannot set up its runtime: {0}")]
    Runtime(io::Error),
    /// The engine or the cell could not be set up.
    #[error(transparent)]
    Cell(#[from] CellError),
    /// The guest's streams could not be set up.
    #[error("node: cannot serve the guest's standard streams: {0}")]
    Stdio(io::Error),
    /// There is no plan for the plugins of this node.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The plugins cannot be opened.
    #[error(transparent)]
    Plugins(#[from] OpenError),
    /// The operator could not speak to the node.
    #[error(transparent)]
    Control(#[from] SocketError),
    /// A capability of the node's own is configured twice.
    #[error(transparent)]
    Duplicate(#[from] membrane::DuplicateName),
    /// A capability is granted or denied that is not there.
    #[error("{by}: {cause}")]
    Grants {
        /// The option or the place in a file that names it.
        by: String,
        /// Its name, and those that could be meant.
        cause: membrane::NotConfigured,
    },
    /// The guest crashed.
    #[error("guest '{name}' trapped: {reason}{}{}", because(refused), where_to_look(backtrace))]
    Trapped {
        /// Its name.
        name: String,
        /// What happened.
        reason: String,
        /// What it was refused just before.
        refused: Option<Limit>,
        /// Where, a line a frame, where that was asked for.
        backtrace: Option<String>,
    },
    /// A limit ended the guest.
    #[error("guest '{name}' was ended by a limit: {limit}{}", remedy(limit))]
    Limited {
        /// Its name.
        name: String,
        /// Which, and its value.
        limit: Limit,
    },
}

impl Error {
    /// What there is to say beyond the one line of the error: lines.
    pub fn details(&self) -> Option<&str> {
        match self {
            Self::Trapped { backtrace, .. } => backtrace.as_deref(),
            _ => None,
        }
    }

    /// The exit status that this error ends the process with.
    pub fn status(&self) -> u8 {
        match self {
            Self::Trapped { .. } | Self::Limited { .. } => ENDED,
            _ => FAILURE,
        }
    }
}

fn remedy(limit: &Limit) -> String {
    option_for(limit.kind).map_or_else(String::new, |option| format!("; {option} changes it"))
}

fn remedy_of_boot(cause: &CellError) -> &'static str {
    match cause {
        CellError::CompileTime { .. } => "; --limit compile=… changes it",
        CellError::CompileMemory { .. } => "; --limit compile-memory=… changes it",
        _ => "",
    }
}

fn because(refused: &Option<Limit>) -> String {
    refused.as_ref().map_or_else(String::new, |limit| format!(", after a limit was reached: {limit}{}", remedy(limit)))
}

fn where_to_look(backtrace: &Option<String>) -> &'static str {
    if backtrace.is_some() { "" } else { "; with --wasm-debug, ww run shows where" }
}

impl From<SwarmError> for Error {
    fn from(error: SwarmError) -> Self {
        match error.port_in_use() {
            Some(port) => Self::PortInUse(port),
            None => Self::Swarm(error),
        }
    }
}
