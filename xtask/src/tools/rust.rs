//! The parts of the Rust toolchain: of the one that is active in the repository, which `rust-toolchain.toml` pins.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{Purpose, Tool};
use crate::{cargo, guests};

/// The standard library for guests.
pub(super) const TARGET: Tool = Tool {
    name: "the target wasm32-wasip2",
    help: "rustup target add wasm32-wasip2",
    needed_for: &[Purpose::Guests, Purpose::Tests, Purpose::Fuzzing],
    find: find_target,
    bring: |root| rustup(root, &["target", "add", guests::TARGET]),
};

/// The programs that check formatting and lints.
pub(super) const COMPONENTS: Tool = Tool {
    name: "rustfmt or clippy",
    help: "rustup component add rustfmt clippy",
    needed_for: &[Purpose::Tests],
    find: find_components,
    bring: |root| rustup(root, &["component", "add", "rustfmt", "clippy"]),
};

/// Another toolchain than the repository's, for plugins that other people build.
pub(super) const OTHER: Tool = Tool {
    name: "the toolchain in tests/toolchain.txt",
    help: "cargo xtask tools",
    needed_for: &[Purpose::Tests],
    find: find_other,
    bring: |root| rustup(root, &["toolchain", "install", &other(root)?, "--profile", "minimal", "--no-self-update"]),
};

/// The file that names it; the tests read it too.
const LIST: &str = "tests/toolchain.txt";

fn other(root: &Path) -> Result<String> {
    let text = std::fs::read_to_string(root.join(LIST)).with_context(|| format!("read {LIST}"))?;
    let name = text.lines().find(|line| !line.starts_with('#'));
    Ok(name.with_context(|| format!("{LIST} names no toolchain"))?.to_owned())
}

fn find_other(root: &Path) -> Result<()> {
    find_toolchain(&other(root)?)
}

/// Looks for a toolchain that is not the active one.
pub(super) fn find_toolchain(name: &str) -> Result<()> {
    let output = Command::new("rustup").args(["run", name, "rustc", "--version"]).output().context("start rustup")?;
    if !output.status.success() {
        bail!("rustup has no {name}");
    }
    Ok(())
}

fn find_target(root: &Path) -> Result<()> {
    let libraries = sysroot(root)?.join("lib/rustlib").join(guests::TARGET).join("lib");
    if !libraries.is_dir() {
        bail!("not in the active toolchain");
    }
    Ok(())
}

fn find_components(root: &Path) -> Result<()> {
    let programs = sysroot(root)?.join("bin");
    for program in ["rustfmt", "cargo-clippy"] {
        if !programs.join(program).with_extension(std::env::consts::EXE_EXTENSION).is_file() {
            bail!("no {program} in the active toolchain");
        }
    }
    Ok(())
}

/// Where the active toolchain lies.
fn sysroot(root: &Path) -> Result<PathBuf> {
    let output = Command::new("rustc").args(["--print", "sysroot"]).current_dir(root).output();
    let output = output.context("start rustc")?;
    if !output.status.success() {
        bail!("rustc --print sysroot: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
}

fn rustup(root: &Path, arguments: &[&str]) -> Result<()> {
    cargo::check(Command::new("rustup").args(arguments).current_dir(root))
}
