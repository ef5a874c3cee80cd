//! Arguments of `ww plugin …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::providers::ProviderArgs;

const EXAMPLES: &str = "\
Examples:
  ww plugin inspect ./libkv.so     what the file says of itself
  ww plugin seal ./libkv.so        protect it against damage
  ww plugin list                   what `ww run` would load

Nothing of a plugin is executed by these commands.";

/// Arguments of `ww plugin`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, arg_required_else_help = true)]
pub struct PluginArgs {
    /// What to do.
    #[command(subcommand)]
    pub verb: PluginVerb,
}

/// What can be done with plugins.
#[derive(Debug, Subcommand)]
pub enum PluginVerb {
    /// Show what a plugin's file says of itself, without executing any of it
    Inspect(InspectArgs),
    /// List the plugins that a node would load with these options, from where, and with which grants
    List(Box<ListArgs>),
    /// Seal a plugin's file: once sealed, a damaged one is refused and not loaded
    Seal(SealArgs),
}

const INSPECT_EXAMPLES: &str = "\
Examples:
  ww plugin inspect ./libkv.so           name, version, roles, what it requires, whether it would be loaded
  ww plugin inspect --json ./kv.wasm     the same for programs

Exit status: 0 where the file is a plugin, of this machine or another one; 125 where it is none, or is damaged.";

/// Arguments of `ww plugin inspect`.
#[derive(Debug, Args)]
#[command(after_help = INSPECT_EXAMPLES)]
pub struct InspectArgs {
    /// A native library or a WebAssembly component
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

const LIST_EXAMPLES: &str = "\
Examples:
  ww plugin list                                               what `ww run` loads by itself
  ww plugin list --plugin ./libkv.so --grant kv:host           and with these options
  ww plugin list --json --config node.toml                     the same for programs

Plugins that open at start come in the order in which they are opened. Exit status: 125 where a node would not start.";

/// Arguments of `ww plugin list`.
#[derive(Debug, Args)]
#[command(after_help = LIST_EXAMPLES)]
pub struct ListArgs {
    /// Print one JSON array
    #[arg(long)]
    pub json: bool,

    /// Which plugins: the last, since its heading is for all that follows.
    #[command(flatten)]
    pub providers: ProviderArgs,
}

const SEAL_EXAMPLES: &str = "\
Examples:
  ww plugin seal target/release/libkv.so     the last step of a build
  ww plugin seal kv.wasm                     components, too

A seal is the BLAKE3 hash of all that is before it, as the last bytes of the file. It tells damage, and not who made
the file: a digest in the configuration does that. A sealed file is left as it is.";

/// Arguments of `ww plugin seal`.
#[derive(Debug, Args)]
#[command(after_help = SEAL_EXAMPLES)]
pub struct SealArgs {
    /// A native library or a WebAssembly component; it is replaced at once, with its mode
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}
