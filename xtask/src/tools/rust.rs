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
