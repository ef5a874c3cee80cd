//! Running the tests, and adding up what they say.

mod summary;

use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result};

use crate::cargo::cargo;
pub(crate) use summary::Summary;

/// The variable that says which part of their full counts the heavy tests run: `1` is all. The tests read it through
/// `ww_tests::scale`.
const SCALE_VARIABLE: &str = "WW_TEST_SCALE";

/// The part that heavy tests run: what the caller of this program says, else `usual`.
pub(crate) fn scale(usual: &str) -> OsString {
    std::env::var_os(SCALE_VARIABLE).unwrap_or_else(|| usual.into())
}

/// Runs the tests of all crates that `arguments` of `cargo test` leave, also after one has failed, and counts what their
/// runners say. What they print goes through as it comes.
pub(crate) fn run<A: AsRef<OsStr>>(
    root: &Path,
    scale: &OsStr,
    arguments: impl IntoIterator<Item = A>,
) -> Result<Summary> {
    let mut command = cargo(root);
    command.args(["test", "--workspace", "--no-fail-fast"]).args(arguments).env(SCALE_VARIABLE, scale);
    let mut tests = command.stdout(Stdio::piped()).spawn().context("start cargo test")?;
    let mut summary = Summary::default();
    if let Some(stdout) = tests.stdout.take() {
        // By bytes: a test may print what is no text.
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line.context("read what the tests print")?;
            let text = String::from_utf8_lossy(&line);
            println!("{text}");
            summary.read(&text);
        }
    }
    summary.end(tests.wait().context("wait for the tests")?.success());
    Ok(summary)
}
