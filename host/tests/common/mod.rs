//! Drives the real binary, and shows what it did when an assertion fails.

// Each test program uses a part of it.
#![allow(dead_code, reason = "every test program compiles this module for itself")]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What a run of `ww` did.
pub(crate) struct Outcome {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// All of it, for the message of a failed assertion.
    pub(crate) shown: String,
}

impl Outcome {
    /// Fails unless the run ended with this status.
    #[track_caller]
    pub(crate) fn expect(self, status: i32) -> Self {
        assert_eq!(self.status, Some(status), "{}", self.shown);
        self
    }

    /// Fails unless stderr is one line that begins with `error: ` and holds all of these, and the status is this one.
    #[track_caller]
    pub(crate) fn expect_error(self, status: i32, parts: &[&str]) -> Self {
        let outcome = self.expect(status);
        assert_eq!(outcome.stderr.lines().count(), 1, "one line, please: {}", outcome.shown);
        assert!(outcome.stderr.starts_with("error: "), "{}", outcome.shown);
        outcome.says(parts)
    }

    /// Fails unless stderr holds all of these.
    #[track_caller]
    pub(crate) fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.stderr.contains(part), "no {part:?} in {}", self.shown);
        }
        self
    }
}

/// A command for `ww` in `directory`, with nothing of the test's surroundings that changes what it does.
pub(crate) fn command(directory: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ww"));
    command.current_dir(directory).args(args).env("RUST_BACKTRACE", "1");
    for name in ["CARGO_TARGET_DIR", "RUST_LOG", "WW_DATA", "RUSTFLAGS"] {
        command.env_remove(name);
    }
    command
}

/// Runs `ww` in `directory`.
#[track_caller]
pub(crate) fn ww(directory: &Path, args: &[&str]) -> Outcome {
    run(command(directory, args))
}

/// Runs the command.
#[track_caller]
pub(crate) fn run(mut command: Command) -> Outcome {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let shown = format!("{command:?} gave {}\n--- stdout\n{stdout}--- stderr\n{stderr}---", output.status);
    Outcome { status: output.status.code(), stdout, stderr, shown }
}

/// Writes the file, with the directories above it.
#[track_caller]
pub(crate) fn write(path: impl AsRef<Path>, text: &str) {
    let path = path.as_ref();
    let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, text));
    written.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

/// The file's text.
#[track_caller]
pub(crate) fn read(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All files under `directory` with their contents, by relative path; those under a `skipped` name are left out.
pub(crate) fn tree(directory: &Path, skipped: &[&str]) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![directory.to_owned()];
    while let Some(place) = open.pop() {
        for entry in fs::read_dir(&place).unwrap_or_else(|error| panic!("{}: {error}", place.display())).flatten() {
            let path = entry.path();
            if skipped.iter().any(|name| path.file_name() == Some(OsStr::new(name))) {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else if let Ok(relative) = path.strip_prefix(directory) {
                found.insert(relative.display().to_string(), fs::read(&path).unwrap_or_default());
            }
        }
    }
    found
}

/// A directory that is removed when dropped.
#[track_caller]
pub(crate) fn place() -> tempfile::TempDir {
    tempfile::tempdir().unwrap_or_else(|error| panic!("a temporary directory: {error}"))
}
