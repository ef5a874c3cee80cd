//! Arguments of `ww plugin …`.

use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser as _};
use clap::{Args, Subcommand};

use super::providers::ProviderArgs;
use crate::plugin::plan::NamedFile;

const EXAMPLES: &str = "\
Examples:
  ww plugin new tally              start a project of a plugin
  ww plugin codegen                after a change of its schema: renew the bindings
  ww plugin build                  compile it, to dist/libtally.so and dist/tally.wasm
  ww plugin inspect ./libkv.so     what the file says of itself
  ww plugin check ./libkv.so       run it, and see whether it keeps the contract
  ww plugin seal ./libkv.so        protect it against damage
  ww plugin list                   what `ww run` would load

Nothing of a plugin is executed to inspect, list or seal it.";

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
    /// Scaffold a plugin project: an interface, a provider, and a guest that uses it
    New(NewArgs),
    /// Compile a plugin to dist/libNAME.so, a shared library, and dist/NAME.wasm, a component
    Build(PluginBuildArgs),
    /// Renew the committed bindings of a project after a change of its schemas; needs the schema compiler `capnp`
    Codegen(CodegenArgs),
    /// Show what a plugin's file says of itself, without executing any of it
    Inspect(InspectArgs),
    /// List the plugins that a node would load with these options, from where, and with which grants
    List(Box<ListArgs>),
    /// Run a plugin in a process of its own, and see whether it keeps the contract of providers
    Check(Box<CheckArgs>),
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

/// The verb by which `ww plugin check` starts the process that a plugin is checked in: this program once more. It is no user's.
pub const CHECK: &str = "check-for-plugin";

const CHECK_EXAMPLES: &str = "\
Examples:
  ww plugin check dist/libtally.so                                         a plugin without configuration
  ww plugin check ./libkv.so --set kv.path=/tmp/check.redb                 with what it needs
  ww plugin check ./kv.wasm --set kv.path=/var/kv.redb --grant kv:state    a component, with a /var of its own
  ww plugin check ./kv.wasm --config node.toml --json                      the same for programs

The plugin is executed, again and again, with the configuration that it is given: name files that may be written to.
There is no node: each capability that it requires or is granted is a stand-in, which answers every call as
unimplemented, and `state` is a folder that is removed at the end.

Exit status: 0 where it conforms, 1 where it does not, 125 where it is no plugin that a node here would load.";

/// Arguments of `ww plugin check`.
#[derive(Debug, Args)]
#[command(after_help = CHECK_EXAMPLES)]
pub struct CheckArgs {
    /// A native library or a WebAssembly component, under its own name or another one
    #[arg(value_name = "[NAME=]FILE", value_parser = OsStringValueParser::new().try_map(NamedFile::try_from))]
    pub file: NamedFile,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,

    /// What it is configured with: the last, since its heading is for all that follows.
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

const NEW_EXAMPLES: &str = "\
Examples:
  ww plugin new tally              the plugin `tally` in ./tally
  ww plugin new plugins/my-kv      the plugin `my-kv` in ./plugins/my-kv

The project has NAME-api, the interface with its bindings; NAME, the provider; and guest, which uses it. It builds
anywhere: the SDK is unpacked from this binary to .ww/sdk in it, which belongs under version control with the rest;
`ww init --renew-sdk` replaces it after an update of ww. Files that are there are never overwritten.";

/// Arguments of `ww plugin new`.
#[derive(Debug, Args)]
#[command(after_help = NEW_EXAMPLES)]
pub struct NewArgs {
    /// The plugin's name, or the path of a directory with this name: what guests graft
    #[arg(value_name = "NAME")]
    pub path: PathBuf,
}

const BUILD_EXAMPLES: &str = "\
Examples:
  ww plugin build                  both kinds of the plugin in the current project
  ww plugin build --native         the shared library alone
  ww plugin build --component      the component alone, which runs in a sandbox, on any machine
  ww plugin build -p kv plugins    the plugin `kv` of the workspace in ./plugins

NAME is that of the package; dist/ is in the folder of its workspace. The files are sealed: a damaged one is refused and
not loaded. Both are compiled from one source, with cargo's release profile; what a component cannot do, its compiler says.";

/// Arguments of `ww plugin build`.
#[derive(Debug, Args)]
#[command(after_help = BUILD_EXAMPLES)]
pub struct PluginBuildArgs {
    /// Directory of the project, or of the plugin's package in it, with its Cargo.toml
    #[arg(value_name = "PATH", default_value = ".")]
    pub path: PathBuf,

    /// The plugin's package, where the project has several
    #[arg(long, short, value_name = "NAME")]
    pub package: Option<String>,

    /// Build the shared library alone, for this machine
    #[arg(long, conflicts_with = "component")]
    pub native: bool,

    /// Build the component alone
    #[arg(long)]
    pub component: bool,
}

const CODEGEN_EXAMPLES: &str = "\
Examples:
  ww plugin codegen                the project in the current directory, all its packages
  ww plugin codegen ../tally       another one

Of each package, *.capnp beside its Cargo.toml become *_capnp.rs in its src. They are committed, so that only whoever
changes a schema needs the schema compiler: on Debian, `apt-get install capnproto libcapnp-dev`.
A schema may import ww's own, as in `using System = import \"/system.capnp\";`, where its package depends on ww-capnp.";

/// Arguments of `ww plugin codegen`.
#[derive(Debug, Args)]
#[command(after_help = CODEGEN_EXAMPLES)]
pub struct CodegenArgs {
    /// Directory of the project, with its Cargo.toml
    #[arg(value_name = "PATH", default_value = ".")]
    pub path: PathBuf,
}
