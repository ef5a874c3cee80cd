//! What `cargo xtask fuzz` needs, and nothing else does.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::{Purpose, Tool, programs, rust};

/// The toolchain that instruments what is fuzzed: the stable one does not.
pub(crate) const NIGHTLY: &str = "nightly";

const PACKAGE: &str = "cargo-fuzz";
const VERSION: &str = "0.13.2";

/// The toolchain. It is large, and which of them is the user's choice.
pub(super) const TOOLCHAIN: Tool = Tool {
    name: "a nightly toolchain",
    help: "rustup toolchain install nightly --profile minimal",
    needed_for: &[Purpose::Fuzzing],
    find: |_| rust::find_toolchain(NIGHTLY),
    bring: |_| bail!("it is not installed without being asked for"),
};

/// The program.
pub(super) const PROGRAM: Tool = Tool {
    name: "cargo-fuzz",
    help: "cargo xtask fuzz",
    needed_for: &[Purpose::Fuzzing],
    find: |_| find_program(),
    bring: |root| programs::install(&folder()?, root, PACKAGE, VERSION, None),
};

fn find_program() -> Result<()> {
    let program = program()?;
    if !program.is_file() {
        bail!("no {}", program.display());
    }
    Ok(())
}

/// Where the program is, once it was brought.
pub(crate) fn program() -> Result<PathBuf> {
    Ok(folder()?.join("bin").join(PACKAGE).with_extension(std::env::consts::EXE_EXTENSION))
}

fn folder() -> Result<PathBuf> {
    Ok(programs::cache()?.join(format!("{PACKAGE}-{VERSION}")))
}
