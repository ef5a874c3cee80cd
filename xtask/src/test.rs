//! `cargo xtask test`: all that the repository promises of itself, checked.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cargo::{cargo, check, target_dir};
use crate::tools::{self, Purpose};
use crate::{codegen, guests, suite};

/// The part of their full counts that heavy tests run here. `cargo xtask soak` runs all of it.
const SCALE: &str = "0.1";

/// Brings the tools, runs every check, then every test, and says at the end what failed. A failed check does not stop
/// the others, so that one run shows all there is to mend. `arguments` go to `cargo test`.
pub(crate) fn test(root: &Path, arguments: &[OsString]) -> Result<()> {
    tools::bring(root, Purpose::Tests)?;
    let mut failed = Vec::new();
    for (name, step) in CHECKS {
        eprintln!("==> {name}");
        if let Err(error) = step(root) {
            eprintln!("==> {name} failed: {error:#}");
            failed.push(*name);
        }
    }
    let scale = suite::scale(SCALE);
    eprintln!("==> tests, heavy ones at {} of their full counts", scale.display());
    let summary = suite::run(root, &scale, arguments)?;
    print!("{summary}");
    if !summary.passed() {
        failed.push("tests");
    }
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

/// A check by its name. It says on stderr what it found.
type Check = (&'static str, fn(&Path) -> Result<()>);

/// The checks, cheapest first.
const CHECKS: &[Check] = &[
    ("format", format),
    ("bindings", codegen::check),
    ("lints", lints),
    ("lints of the guests", guest_lints),
    ("lints of the plugins", plugin_lints),
    ("docs", docs),
    ("docs of the guests", guest_docs),
];

fn format(root: &Path) -> Result<()> {
    check(cargo(root).args(["fmt", "--all", "--check"]))?;
    for_each_plugin(root, |command| command.args(["fmt", "--check"]))?;
    for_each_guest(root, |command| command.args(["fmt", "--check"]))
}

fn lints(root: &Path) -> Result<()> {
    check(cargo(root).args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn guest_lints(root: &Path) -> Result<()> {
    for_each_guest(root, |command| command.args(["clippy", "--target", guests::TARGET, "--", "-D", "warnings"]))
}

fn plugin_lints(root: &Path) -> Result<()> {
    for_each_plugin(root, |command| command.args(["clippy", "--all-targets", "--", "-D", "warnings"]))
}

fn docs(root: &Path) -> Result<()> {
    check(cargo(root).args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
}

fn guest_docs(root: &Path) -> Result<()> {
    for_each_guest(root, |command| {
        command.args(["doc", "--no-deps", "--target", guests::TARGET]).env("RUSTDOCFLAGS", "-D warnings")
    })
}

/// Runs a cargo command in the folder of every guest. Says of each guest where it fails.
fn for_each_guest(root: &Path, arguments: impl Fn(&mut Command) -> &mut Command) -> Result<()> {
    for_each(root, guests::manifests(root)?, "guests", arguments)
}

/// Runs a cargo command in the folder of every plugin. Says of each plugin where it fails.
fn for_each_plugin(root: &Path, arguments: impl Fn(&mut Command) -> &mut Command) -> Result<()> {
    for_each(root, guests::plugins(root)?, "plugins", arguments)
}

/// All crates of a kind share one target directory, or each would build the SDK again.
fn for_each(
    root: &Path,
    manifests: Vec<PathBuf>,
    kind: &str,
    arguments: impl Fn(&mut Command) -> &mut Command,
) -> Result<()> {
    let target = target_dir(root)?.join(kind);
    let mut failed = Vec::new();
    for manifest in manifests {
        let folder = manifest.parent().context("a manifest lies in a folder")?;
        if let Err(error) = check(arguments(cargo(folder).env("CARGO_TARGET_DIR", &target))) {
            failed.push(format!("{}: {error:#}", folder.strip_prefix(root).unwrap_or(folder).display()));
        }
    }
    if !failed.is_empty() {
        bail!("{}", failed.join("; "));
    }
    Ok(())
}
