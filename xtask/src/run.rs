//! `cargo xtask run`: a node that runs the guest in `examples/hello`, from sources to greeting.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::cargo::{self, cargo, check, executable};
use crate::tools::{self, Purpose};

/// The guest, as a path from the repository's root.
const GUEST: &str = "examples/hello";

/// Builds the node and the guest, and runs the guest on a node that leaves nothing behind: any free port, an identity
/// that is not kept, a temporary data directory. Ends with the guest's exit status.
pub(crate) fn run(root: &Path) -> Result<ExitCode> {
    eprintln!("==> building the node and {GUEST}: the first time takes about ten minutes on two cores, later seconds");
    tools::bring(root, Purpose::Guests)?;
    let ww = executable(cargo(root).args(["build", "--package", "ww", "--bin", "ww"]), "ww")?;
    check(node(&ww, root).args(["build", GUEST]))?;
    let data = tempfile::Builder::new().prefix("ww-").tempdir().context("make a temporary data directory")?;
    eprintln!("==> ww run {GUEST} --port 0 --ephemeral --data {}", data.path().display());
    let mut run = node(&ww, root);
    run.args(["run", GUEST, "--port", "0", "--ephemeral", "--data"]).arg(data.path());
    let status = run.status().with_context(|| format!("start `{}`", cargo::text(&run)))?;
    // A node that was ended by a signal has no status of its own.
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Ok(ExitCode::from(code))
}

/// The program that was just built, in the repository's root.
fn node(ww: &Path, root: &Path) -> Command {
    let mut command = Command::new(ww);
    command.current_dir(root);
    cargo::clean(&mut command);
    command
}
