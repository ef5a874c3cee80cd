//! Runs programs as a user would, each in a place of its own, and ends them in time.

use std::ffi::OsStr;
use std::fmt;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long a program may take before a test gives it up: longer than the slowest one on a busy machine, a guest's first
/// build, and short enough that a hang shows as a failed test.
pub const DEADLINE: Duration = Duration::from_secs(300);

/// How often a wait looks again.
const TICK: Duration = Duration::from_millis(5);

/// A folder that stands for a user's machine: working directory, home and data. Removed at the end.
pub struct Place {
    folder: TempDir,
}

impl Place {
    /// An empty place.
    ///
    /// # Panics
    /// Where the temporary folder cannot be made.
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("ww-test-").tempdir().expect("a temporary folder");
        std::fs::create_dir(folder.path().join("home")).expect("a home");
        Self { folder }
    }

    /// Where the place is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The `ww` of this checkout, with `arguments`, started in this place.
    pub fn ww<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        let mut command = self.command(crate::binary::ww());
        command.args(arguments);
        command
    }

    /// A program that is started in this place, and sees nothing of how the tests were started.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.path()).env("HOME", self.path().join("home"));
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if ["WW_", "XDG_", "RUST_"].iter().any(|it| text.starts_with(it)) {
                command.env_remove(&name);
            }
        }
        forget_cargo(&mut command);
        command.env_remove("CARGO").env_remove("CARGO_TARGET_DIR").env_remove("RUSTUP_TOOLCHAIN");
        // What a user's cargo has in their home, it finds there.
        for (name, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            if let (None, Some(home)) = (std::env::var_os(name), std::env::home_dir()) {
                command.env(name, home.join(folder));
            }
        }
        command
    }

    /// An image whose guest is `component`: `NAME/boot/main.wasm`. Returns the image's folder.
    ///
    /// # Panics
    /// Where the file cannot be copied.
    pub fn image(&self, name: &str, component: &Path) -> PathBuf {
        let image = self.path().join(name);
        std::fs::create_dir_all(image.join("boot")).expect("the image's folder");
        std::fs::copy(component, image.join("boot/main.wasm")).expect("copy the guest");
        image
    }
}

impl Default for Place {
    fn default() -> Self {
        Self::new()
    }
}

/// Takes out of a command's environment what cargo put there for the running test: build scripts that look at it would
/// run again each time.
pub fn forget_cargo(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
}

/// Runs a program to its end with `input` as its standard input.
///
/// # Panics
/// Where it cannot be started, or has not ended after [`DEADLINE`].
pub fn finish(command: &mut Command, input: &[u8]) -> Ended {
    let mut running = Running::start(command);
    let mut stdin = running.stdin.take().expect("a piped standard input");
    let input = input.to_vec();
    // A program may write more than a pipe holds before it reads; one that does not read at all is no failure.
    let writer = thread::spawn(move || stdin.write_all(&input));
    let ended = running.end();
    drop(writer.join());
    ended
}

/// A program that runs, with pipes for its standard streams. Killed when dropped.
pub struct Running {
    child: Child,
    command: String,
    readers: Vec<JoinHandle<()>>,
    stdout: Arc<Mutex<Vec<u8>>>,
    stderr: Arc<Mutex<Vec<u8>>>,
    /// Its standard input; take it and drop it to end it.
    pub stdin: Option<ChildStdin>,
}

impl Running {
    /// Starts a program.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub fn start(command: &mut Command) -> Self {
        Self::start_into(command, Stdio::piped())
    }

    /// Starts a program whose standard output goes elsewhere.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub fn start_into(command: &mut Command, stdout: Stdio) -> Self {
        command.stdin(Stdio::piped()).stdout(stdout).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("start {command:?}: {error}"));
        // It holds the other end of what the program writes to.
        command.stdout(Stdio::null());
        let stdin = child.stdin.take();
        let mut readers = Vec::new();
        let stdout = child.stdout.take().map_or_else(Arc::default, |stdout| collect(stdout, &mut readers));
        let stderr = collect(child.stderr.take().expect("a piped standard error"), &mut readers);
        Self { child, command: words(command), readers, stdout, stderr, stdin }
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the first whole line of its standard output that `wanted` returns something for, and returns that.
    ///
    /// # Panics
    /// Where none has come when the program ends, or after [`DEADLINE`].
    pub fn stdout_line<T>(&mut self, wanted: impl Fn(&str) -> Option<T>) -> T {
        let output = Arc::clone(&self.stdout);
        self.line(&output, "standard output", wanted)
    }

    /// The same for its standard error.
    ///
    /// # Panics
    /// Where none has come when the program ends, or after [`DEADLINE`].
    pub fn stderr_line<T>(&mut self, wanted: impl Fn(&str) -> Option<T>) -> T {
        let output = Arc::clone(&self.stderr);
        self.line(&output, "standard error", wanted)
    }

    fn line<T>(&mut self, output: &Mutex<Vec<u8>>, what: &str, wanted: impl Fn(&str) -> Option<T>) -> T {
        let find = || {
            let text = text(output);
            text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')).find_map(&wanted)
        };
        let start = Instant::now();
        while start.elapsed() < DEADLINE {
            let ended = self.child.try_wait().expect("ask for its status").is_some();
            if ended {
                self.join();
            }
            match find() {
                Some(found) => return found,
                None if ended => break,
                None => thread::sleep(TICK),
            }
        }
        panic!("no such line on {what}:\n{}", self.report())
    }

    /// What it has written to its standard output so far.
    pub fn stdout(&self) -> String {
        text(&self.stdout)
    }

    /// Sends a signal, by its name: `INT`, `TERM`.
    ///
    /// # Panics
    /// Where it cannot be sent.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.id().to_string()).status();
        assert!(sent.expect("start kill").success(), "send {name} to {}", self.command);
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// Where it has not ended after [`DEADLINE`].
    pub fn end(mut self) -> Ended {
        let start = Instant::now();
        let status = loop {
            match self.child.try_wait().expect("ask for its status") {
                Some(status) => break status,
                None if start.elapsed() > DEADLINE => panic!("has not ended:\n{}", self.report()),
                None => thread::sleep(TICK),
            }
        };
        self.join();
        let command = std::mem::take(&mut self.command);
        Ended { status, command, stdout: text(&self.stdout), stderr: text(&self.stderr) }
    }

    /// Waits until all that it wrote was read.
    fn join(&mut self) {
        for reader in self.readers.drain(..) {
            drop(reader.join());
        }
    }

    fn report(&self) -> String {
        format!("$ {}\n{}{}", self.command, text(&self.stdout), text(&self.stderr))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// How a program ended, and what it said.
pub struct Ended {
    /// Its exit status.
    pub status: ExitStatus,
    /// What it wrote to its standard output.
    pub stdout: String,
    /// What it wrote to its standard error.
    pub stderr: String,
    command: String,
}

impl Ended {
    /// Checks the exit status.
    ///
    /// # Panics
    /// Where it is another one, with all that the program said.
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.status.code(), Some(code), "exit status of:\n{self}");
        self
    }

    /// Checks that it ended with `code` and said exactly one line on its standard error, which holds each of `parts`:
    /// what a user gets to read when something is wrong.
    ///
    /// # Panics
    /// Where it said or did anything else.
    pub fn fails_in_one_line(self, code: i32, parts: &[&str]) -> Self {
        let ended = self.exits(code);
        assert_eq!(ended.stderr.trim_end().lines().count(), 1, "one line is expected of:\n{ended}");
        for part in parts {
            assert!(ended.stderr.contains(part), "{part:?} is missing in:\n{ended}");
        }
        ended
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "$ {}\n{}", self.command, self.status)?;
        writeln!(f, "--- stdout\n{}--- stderr\n{}", self.stdout, self.stderr)
    }
}

fn collect(mut from: impl Read + Send + 'static, readers: &mut Vec<JoinHandle<()>>) -> Arc<Mutex<Vec<u8>>> {
    let bytes = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&bytes);
    readers.push(thread::spawn(move || {
        let mut chunk = [0; 8192];
        while let Ok(count @ 1..) = from.read(&mut chunk) {
            into.lock().expect("no reader panics").extend_from_slice(&chunk[..count]);
        }
    }));
    bytes
}

fn text(bytes: &Mutex<Vec<u8>>) -> String {
    String::from_utf8_lossy(&bytes.lock().expect("no reader panics")).into_owned()
}

fn words(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
