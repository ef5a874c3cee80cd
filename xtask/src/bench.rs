//! `cargo xtask bench`: measures, with the harness in `tests/bench`.

use std::ffi::OsString;
use std::path::Path;

use anyhow::Result;

use crate::cargo::{cargo, check};
use crate::tools::{self, Purpose};

/// Builds the harness with optimizations and hands `arguments` to it; none means every group.
pub(crate) fn bench(root: &Path, arguments: &[OsString]) -> Result<()> {
    tools::bring(root, Purpose::Guests)?;
    check(cargo(root).args(["run", "--release", "--package", "ww-bench", "--"]).args(arguments))
}
