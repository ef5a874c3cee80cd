//! The verbs `ww plugin …`: they start and build projects, look at files and execute nothing of them, or check what they do.

mod check;
mod inspect;
mod list;
mod seal;

use std::io;
use std::process::ExitCode;

use super::file::FileError;
use super::plan::PlanError;
use crate::cli::PluginVerb;

/// Why `ww plugin …` failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is no plugin that can be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// There is no project; nothing is left behind.
    #[error(transparent)]
    New(#[from] crate::init::Error),
    /// The plugin was not built; what was there is as it was.
    #[error(transparent)]
    Build(#[from] crate::build::Error),
    /// There is no plan for a node.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The plugin cannot be checked.
    #[error(transparent)]
    Check(#[from] super::check::CheckError),
    /// The sealed file cannot be put in the place of the other one, which is as it was.
    #[error("plugin {}: cannot be sealed: {cause}", path.display())]
    Seal {
        /// The file.
        path: std::path::PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
    /// Nobody can be told.
    #[error("write to standard output")]
    Output(#[source] io::Error),
}

/// Does what `verb` says, and gives its exit status.
///
/// # Errors
/// Where a file cannot be used, or the outcome cannot be written.
pub fn run(verb: &PluginVerb) -> Result<ExitCode, Error> {
    match verb {
        PluginVerb::New(args) => crate::init::plugin::new(args)?,
        PluginVerb::Codegen(args) => crate::build::codegen::codegen(args)?,
        PluginVerb::Build(args) => crate::build::plugin::build(args)?,
        PluginVerb::Inspect(args) => inspect::inspect(args)?,
        PluginVerb::List(args) => list::list(args)?,
        PluginVerb::Check(args) => return check::check(args),
        PluginVerb::Seal(args) => seal::seal(args)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn texts<T: ToString>(entries: &[T]) -> Vec<String> {
    entries.iter().map(T::to_string).collect()
}

fn listed<T: ToString>(entries: &[T]) -> String {
    if entries.is_empty() { "none".to_owned() } else { texts(entries).join(", ") }
}
