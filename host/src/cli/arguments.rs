//! Arguments of the verbs that work on projects.

use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;
use clap_complete::Shell;

use crate::init;

const INIT_EXAMPLES: &str = "\
Examples:
  ww init hello                    create the project `hello` in ./hello
  ww init                          create a project in the current directory, named like it
  ww init --template rust hello    name the template
  ww init --plugin-api ../tally/tally-api hello
                                   create a guest that uses the capability `tally`, by the crate of its interface
  ww init --renew-sdk              after an update of ww: replace .ww/sdk in the current project";

/// Arguments of `ww init`.
///
/// The project builds anywhere: the SDK is unpacked from this binary to `<project>/.ww/sdk`, which belongs under
/// version control with the rest. Files that are there are never overwritten.
#[derive(Debug, Args)]
#[command(after_help = INIT_EXAMPLES)]
pub struct InitArgs {
    /// Directory of the project; created where it does not exist
    #[arg(value_name = "SUBDIR", default_value = ".", hide_default_value = true)]
    pub path: PathBuf,

    /// What to start from
    #[arg(long, value_name = "NAME", default_value = "rust", value_parser = PossibleValuesParser::new(init::templates()))]
    pub template: String,

    /// Depend on the crate of a plugin's interface, and start with a graft of what the plugin supplies
    #[arg(long, value_name = "PATH", conflicts_with_all = ["template", "renew_sdk"])]
    pub plugin_api: Option<PathBuf>,

    /// Replace the unpacked SDK of an existing project by the one of this ww, and touch nothing else
    #[arg(long, conflicts_with = "template")]
    pub renew_sdk: bool,
}

const BUILD_EXAMPLES: &str = "\
Examples:
  ww build                  compile the project in the current directory
  ww build examples/hello   compile another one
  ww build --debug          with debug info, for `ww run --wasm-debug`

The binary named like the package becomes boot/main.wasm, every other one bin/NAME.wasm.
To boot another binary, say so in Cargo.toml:

  [package.metadata.ww]
  boot = \"NAME\"";

/// Arguments of `ww build`.
#[derive(Debug, Args)]
#[command(after_help = BUILD_EXAMPLES)]
pub struct BuildArgs {
    /// Directory of the project, with its Cargo.toml
    #[arg(value_name = "PATH", default_value = ".")]
    pub path: PathBuf,

    /// Compile with cargo's dev profile, debug info included, so that a trap names its file and line
    #[arg(long)]
    pub debug: bool,
}

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  ww completions bash > ~/.local/share/bash-completion/completions/ww
  ww completions zsh > ~/.zfunc/_ww
  ww completions fish > ~/.config/fish/completions/ww.fish";

/// Arguments of `ww completions`.
#[derive(Debug, Args)]
#[command(after_help = COMPLETIONS_EXAMPLES)]
pub struct CompletionsArgs {
    /// The shell to complete for
    pub shell: Shell,
}
