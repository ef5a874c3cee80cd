//! The repository's own commands: `cargo xtask …`.

mod bench;
mod cargo;
mod codegen;
mod fuzz;
mod guests;
mod install;
mod run;
mod soak;
mod suite;
mod test;
mod tools;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

/// The repository's own commands.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build a node and the guest in examples/hello, and run it.
    Run,
    /// Bring the tools, then run every check and every test.
    Test {
        /// Arguments for `cargo test`, such as a filter.
        #[arg(last = true)]
        arguments: Vec<OsString>,
    },
    /// Run the heavy tests at their full counts: a tenth of that is part of `test`.
    Soak {
        /// Only the tests whose name contains this.
        filter: Option<String>,
    },
    /// Measure; without a group, all of them.
    Bench {
        /// Groups to measure, and the options of the harness.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Look for inputs that break a promise, with libFuzzer on a nightly toolchain.
    Fuzz {
        /// The target; without one, all of them, one after the other.
        target: Option<String>,
        /// How long each runs.
        #[arg(long, value_name = "N", default_value_t = 15 * 60)]
        seconds: u64,
    },
    /// Generate the Cap'n Proto bindings that are committed.
    Codegen {
        /// Write nothing; fail where the committed bindings are not what the schemas give.
        #[arg(long)]
        check: bool,
    },
    /// Bring what building guests and running the tests needs, where it is missing.
    Tools,
    /// Build `ww` with optimizations and install it.
    Install {
        /// Where to: the program goes to DIR/bin, plugins go to DIR/lib/ww/plugins.
        #[arg(long, value_name = "DIR")]
        prefix: PathBuf,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<ExitCode> {
    let root = root()?;
    match task {
        Task::Run => return run::run(&root),
        Task::Test { arguments } => test::test(&root, &arguments)?,
        Task::Soak { filter } => soak::soak(&root, filter.as_deref())?,
        Task::Bench { arguments } => bench::bench(&root, &arguments)?,
        Task::Fuzz { target, seconds } => fuzz::fuzz(&root, target.as_deref(), seconds)?,
        Task::Codegen { check: true } => codegen::check(&root)?,
        Task::Codegen { check: false } => codegen::write(&root)?,
        Task::Tools => tools::bring(&root, tools::Purpose::Tests)?,
        Task::Install { prefix } => install::install(&root, &prefix)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The repository that the command was started in: cargo says where xtask's sources lie at this moment, whichever
/// checkout had compiled it.
fn root() -> Result<PathBuf> {
    let xtask = std::env::var_os("CARGO_MANIFEST_DIR").context("start me as `cargo xtask …`")?;
    Ok(Path::new(&xtask).parent().context("xtask lies in the repository")?.to_path_buf())
}
