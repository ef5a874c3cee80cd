//! What goes wrong with the command line of a provider.

use std::io;
use std::path::PathBuf;

use crate::cli::FAILURE;
use crate::plugin::{OpenError, PlanError, ProviderError};

/// The status of a command line that is wrong, as the parser of the command line gives it.
const USAGE: u8 = 2;

/// Why `ww NAME ARGS…` failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No runtime.
    #[error("start a runtime: {0}")]
    Runtime(io::Error),
    /// Nobody knows where data is.
    #[error("there is no home directory to keep data in; say where with `--data DIR`")]
    NoData,
    /// No verb, and no provider either.
    #[error(
        "'{name}' is no verb of ww (see `ww --help`), no provider that a node in {} has open, and no plugin that is \
         configured (see `ww plugin list`)",
        data.display()
    )]
    Unknown {
        /// What was typed.
        name: String,
        /// Where it was looked for.
        data: PathBuf,
    },
    /// Which of them is meant?
    #[error(
        "several nodes in {} have '{name}' open, with process ids {}; say which by their `--data`",
        data.display(),
        listed(pids)
    )]
    Several {
        /// The provider.
        name: String,
        /// Where it was looked for.
        data: PathBuf,
        /// Their process ids.
        pids: Vec<u32>,
    },
    /// It could not be asked, or failed.
    #[error("provider '{name}': command: {text}")]
    Asked {
        /// The provider.
        name: String,
        /// What it said.
        text: String,
    },
    /// There is no plan for plugins.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The plugins cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The provider does not work.
    #[error(transparent)]
    Provider(#[from] ProviderError),
}

impl Error {
    pub(super) fn asked(name: &str, cause: capnp::Error) -> Self {
        Self::Asked { name: name.to_owned(), text: cause.extra }
    }

    /// The exit status that this error ends the process with.
    pub fn status(&self) -> u8 {
        match self {
            Self::Unknown { .. } => USAGE,
            _ => FAILURE,
        }
    }
}

fn listed(pids: &[u32]) -> String {
    pids.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}
