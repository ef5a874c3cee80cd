//! The verb `ww run`: a node with a swarm, and one guest on it.

use std::process::ExitCode;

use crate::cli::RunArgs;

/// Why `ww run` failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// This build has no cells.
    #[error("run {0}: this build of ww cannot run guests")]
    Unsupported(std::path::PathBuf),
}

impl Error {
    /// The exit status that this error ends the process with.
    pub fn status(&self) -> u8 {
        125
    }
}

/// Runs the image at `args.path`; gives the guest's own exit status.
pub fn run(args: RunArgs) -> Result<ExitCode, Error> {
    Err(Error::Unsupported(args.path))
}
