//! `cargo xtask bench`: measures, with the harness in `tests/bench`.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::cargo::{cargo, check, clean, executable};
use crate::tools::{self, Purpose};

/// How the C library copies long blocks: in a loop. Its other way, which some processors are told to take, is as fast or
/// several times as slow, depending on where the blocks happen to lie, and two figures would differ by nothing else.
const COPIES: (&str, &str) = ("GLIBC_TUNABLES", "glibc.cpu.x86_rep_movsb_threshold=1073741824");

/// Builds the harness with optimizations and hands `arguments` to it; none means every group.
///
/// A bar that is missed is no failure: it is told on the last line. Whether it counts depends on the machine, which the
/// line before says.
pub(crate) fn bench(root: &Path, arguments: &[OsString]) -> Result<()> {
    tools::bring(root, Purpose::Guests)?;
    // Of the whole workspace, as the harness itself builds the node: with the same features, nothing is compiled twice.
    let mut build = cargo(root);
    build.args(["build", "--release", "--workspace", "--bin", "ww-bench"]);
    let mut bench = Command::new(executable(&mut build, "ww-bench")?);
    clean(&mut bench);
    bench.env(COPIES.0, COPIES.1);
    check(bench.args(arguments))
}
