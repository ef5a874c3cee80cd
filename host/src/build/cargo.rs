//! Runs cargo and rustc as the project's own directory would have them.

use std::ffi::OsStr;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};

use super::Error;
use crate::report;

/// Variables that a cargo around us, or rustup around that, has set for its own package and toolchain. They would take
/// the place of what the project says.
const OUTER: &[&str] = &[
    "CARGO",
    "CARGO_BIN_NAME",
    "CARGO_CRATE_NAME",
    "CARGO_ENCODED_RUSTDOCFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_MAKEFLAGS",
    "CARGO_PRIMARY_PACKAGE",
    "CARGO_TARGET_TMPDIR",
    "RUSTC",
    "RUSTC_LINKER",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTDOC",
    "RUSTFLAGS",
    "RUSTUP_TOOLCHAIN",
    "RUST_RECURSION_COUNT",
];

/// Beginnings of the names of further ones.
const OUTER_PREFIXES: &[&str] = &["CARGO_BIN_EXE_", "CARGO_CFG_", "CARGO_FEATURE_", "CARGO_MANIFEST_", "CARGO_PKG_"];

/// A command in the project's directory, where rustup finds the project's toolchain.
///
/// Under `cargo run`, `cargo test` or a build script, what that cargo has set is taken away. Otherwise the environment
/// is the user's and stays, as `CARGO_HOME` and `CARGO_TARGET_DIR` always do.
pub(super) fn command(program: impl AsRef<OsStr>, directory: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(directory).stdin(Stdio::null());
    if is_nested() {
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(is_outer) {
                command.env_remove(name);
            }
        }
    }
    command
}

/// The compiler that cargo would run in the project's directory.
pub(super) fn rustc(directory: &Path) -> Command {
    let users = std::env::var_os("RUSTC").filter(|_| !is_nested());
    command(users.as_deref().unwrap_or(OsStr::new("rustc")), directory)
}

/// Whether a cargo started this process.
fn is_nested() -> bool {
    ["CARGO", "CARGO_MANIFEST_DIR"].iter().all(|name| std::env::var_os(name).is_some())
}

fn is_outer(name: &str) -> bool {
    OUTER.contains(&name) || OUTER_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Runs a command that answers on stdout; gives the answer, or what it complained about.
///
/// Rustup may install the project's toolchain first, which takes a while: its progress is passed on as it comes.
pub(super) fn ask(program: &'static str, what: &'static str, command: &mut Command) -> Result<String, Error> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => Error::NoProgram(program),
        _ => Error::Run { program, source },
    };
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(failed)?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    // Read side by side: a program that waits for room on one would never end the other.
    let complaints = std::thread::spawn(move || complaints(stderr));
    let mut answer = Vec::new();
    let read = stdout.map_or(Ok(0), |mut stdout| stdout.read_to_end(&mut answer));
    let status = child.wait().map_err(failed)?;
    let message = complaints.join().unwrap_or_default();
    read.map_err(failed)?;
    if !status.success() {
        let message = if message.is_empty() { status.to_string() } else { message };
        return Err(Error::Refused { what, message });
    }
    String::from_utf8(answer).map_err(|error| failed(io::Error::new(io::ErrorKind::InvalidData, error)))
}

/// Passes progress on, and gives all else that was said.
fn complaints(stderr: Option<std::process::ChildStderr>) -> String {
    let mut message = String::new();
    for line in stderr.into_iter().flat_map(|stderr| BufReader::new(stderr).split(b'\n')).map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        if line.starts_with("info:") {
            report::say(&line);
        } else if line != "Caused by:" && !is_excerpt(&line) {
            message.push_str(line.strip_prefix("error: ").unwrap_or(&line));
            message.push('\n');
        }
    }
    message
}

/// Whether the line shows a part of a file: ` 2 | name = 5`, or the mark under one.
fn is_excerpt(line: &str) -> bool {
    line.trim_start().trim_start_matches(|letter: char| letter.is_ascii_digit()).trim_start().starts_with('|')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_outer_cargo_sets_is_known() {
        for name in ["RUSTUP_TOOLCHAIN", "CARGO", "CARGO_PKG_NAME", "CARGO_MANIFEST_DIR", "CARGO_BIN_EXE_ww"] {
            assert!(is_outer(name), "{name}");
        }
        for name in ["CARGO_HOME", "CARGO_TARGET_DIR", "CARGO_NET_OFFLINE", "RUSTUP_HOME", "RUSTC_WRAPPER", "PATH"] {
            assert!(!is_outer(name), "{name}");
        }
    }

    #[test]
    fn excerpts_of_files_are_known() {
        assert!(is_excerpt("  |") && is_excerpt("2 | name = 5") && is_excerpt("  |        ^"));
        assert!(!is_excerpt(" --> Cargo.toml:2:8") && !is_excerpt("2 errors"));
    }

    #[cfg(unix)]
    #[test]
    fn a_program_is_asked() {
        let shell = |script: &str| {
            let mut command = command("sh", Path::new("/"));
            command.args(["-c", script]);
            ask("sh", "ask", &mut command)
        };
        assert!(shell("echo yes; echo noise >&2").is_ok_and(|answer| answer == "yes\n"));
        let refused = shell("echo 'error: no way' >&2; exit 3").err().map(|error| error.to_string());
        assert_eq!(refused.as_deref(), Some("ask: no way\n"));
        assert!(shell("exit 3").is_err_and(|error| error.to_string().contains('3')));
        let missing = ask("no-such-program", "ask", &mut command("no-such-program", Path::new("/")));
        assert!(matches!(missing, Err(Error::NoProgram("no-such-program"))));
    }
}
