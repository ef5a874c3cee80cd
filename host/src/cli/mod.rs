//! The command line: what a user can type, and which verb it means.

mod arguments;
mod command;
mod compile;
mod completions;
mod limit;
mod plugin;
mod providers;
mod run;
mod values;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use arguments::{BuildArgs, CompletionsArgs, InitArgs};
pub use command::CommandArgs;
pub use compile::{COMPILE, CompileArgs};
pub(crate) use compile::{compiler, program};
pub use limit::Limits;
pub(crate) use limit::option_for;
pub use plugin::{
    CHECK, CheckArgs, CodegenArgs, InspectArgs, ListArgs, NewArgs, PluginArgs, PluginBuildArgs, PluginVerb, SealArgs,
};
pub use providers::ProviderArgs;
pub use run::{DEFAULT_PORT, RunArgs};
pub use values::EnvVar;

use crate::{build, init, version};

/// The exit status when a verb failed before any guest ran.
pub const FAILURE: u8 = 125;

const EXAMPLES: &str = "\
Examples:
  ww init hello && cd hello    scaffold a guest
  ww build                     compile it to boot/main.wasm
  ww run                       run it on a node of its own

Exit status: a guest's own; 2 for a wrong command line; 125 when ww failed; 126 when a trap or a limit ended the guest.";

/// Runs WASM guests with the capabilities that their operator configured.
#[derive(Debug, Parser)]
#[command(name = "ww", version = version::PRODUCT, long_version = version::LONG.as_str(), after_help = EXAMPLES)]
#[command(arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// The verbs of the host's own.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Scaffold a guest project
    Init(InitArgs),
    /// Compile a guest project to an image: boot/main.wasm and bin/*.wasm
    Build(BuildArgs),
    /// Run the guest of an image on a node
    Run(Box<RunArgs>),
    /// Write plugins, and look at them: the files that providers of capabilities ship as
    Plugin(PluginArgs),
    /// Run the command line of a provider: also `ww NAME ARGS…`
    Command(Box<CommandArgs>),
    /// Compile one component for the node that started this process.
    #[command(name = COMPILE, hide = true)]
    Compile(CompileArgs),
    /// Do the cases of `ww plugin check`, for the process that started this one.
    #[command(name = CHECK, hide = true)]
    CheckForPlugin,
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// `ww NAME ARGS…`: the command line of a provider.
    #[command(external_subcommand)]
    Provider(Vec<String>),
}

/// Why a verb failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `ww init` failed; nothing is left behind.
    #[error(transparent)]
    Init(#[from] init::Error),
    /// `ww build` failed; the image is as it was.
    #[error(transparent)]
    Build(#[from] build::Error),
    /// `ww run` failed.
    #[error(transparent)]
    Run(#[from] crate::run::Error),
    /// `ww plugin …` failed.
    #[error(transparent)]
    Plugin(#[from] crate::plugin::verbs::Error),
    /// The command line of a provider failed.
    #[error(transparent)]
    Command(#[from] crate::command::Error),
    /// The completion script could not be written.
    #[error("write the completion script")]
    Completions(#[source] std::io::Error),
}

impl Error {
    /// What there is to say beyond the one line of the error: lines.
    pub fn details(&self) -> Option<&str> {
        match self {
            Self::Run(error) => error.details(),
            Self::Init(_) | Self::Build(_) | Self::Plugin(_) | Self::Command(_) | Self::Completions(_) => None,
        }
    }

    /// The exit status that this error ends the process with.
    pub fn status(&self) -> u8 {
        match self {
            Self::Run(error) => error.status(),
            Self::Command(error) => error.status(),
            Self::Init(_) | Self::Build(_) | Self::Plugin(_) | Self::Completions(_) => FAILURE,
        }
    }
}

impl Cli {
    /// Does what the user typed.
    pub fn dispatch(self) -> Result<ExitCode, Error> {
        match self.verb {
            Verb::Init(args) => init::init(&args)?,
            Verb::Build(args) => build::build(&args)?,
            Verb::Run(args) => return Ok(crate::run::run(*args)?),
            Verb::Plugin(args) => return Ok(crate::plugin::verbs::run(&args.verb)?),
            Verb::Command(args) => return Ok(crate::command::run(*args)?),
            Verb::Provider(words) => return Ok(crate::command::run(CommandArgs::of(words))?),
            Verb::Compile(args) => return Ok(ww_cell::compiler::serve(args.wasm_debug, args.memory)),
            Verb::CheckForPlugin => return Ok(crate::plugin::check::serve()),
            Verb::Completions(args) => completions::print(args.shell).map_err(Error::Completions)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
