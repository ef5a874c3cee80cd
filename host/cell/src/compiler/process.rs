//! The side that needs something compiled.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::serve::{DAMAGED, REFUSED};
use crate::error::{CellError, FOUND, beginning};
use crate::limiter::bytes;
use crate::limits::CODE_BYTES;

/// Bytes of what it complains of that are read. What it says before it gives up is a line or two.
const COMPLAINT_BYTES: u64 = 64 << 10;

/// How often a process that is about to end is looked at.
const TICK: Duration = Duration::from_millis(1);

/// A program that compiles one component when it is started: it does nothing but [`serve`](super::serve).
#[derive(Debug, Clone)]
pub struct Compiler {
    /// The program's file.
    pub program: PathBuf,
    /// The words that it is started with.
    pub args: Vec<OsString>,
    /// Bytes of memory that it has, as it was told: see [`COMPILE_MEMORY`](crate::limits::COMPILE_MEMORY).
    pub memory: u64,
}

/// The process of one compilation. Another thread can end it.
#[derive(Default)]
pub(crate) struct Process(Mutex<State>);

/// Our ends of what leads to it.
struct Pipes {
    stdin: ChildStdin,
    stdout: ChildStdout,
    stderr: ChildStderr,
}

#[derive(Default)]
enum State {
    /// It has not been started yet.
    #[default]
    Early,
    Running(Child),
    /// Nobody wants it any more.
    Over,
}

impl Compiler {
    /// Compiles a component, in `process`. Blocks until that has ended.
    ///
    /// # Errors
    /// Why there is no code.
    pub(crate) fn compile(&self, component: &[u8], process: &Process) -> Result<Vec<u8>, CellError> {
        let failed = |error: io::Error| CellError::Compiler(error.to_string());
        let Pipes { mut stdin, stdout, stderr } = process.start(self).map_err(failed)?;
        let (said, complaint) = thread::scope(|scope| {
            let complaint = scope.spawn(|| read(stderr, COMPLAINT_BYTES));
            // It reads all before it says anything. Where it has ended, its end says why.
            let length = (component.len() as u64).to_le_bytes();
            let _ = stdin.write_all(&length).and_then(|()| stdin.write_all(component));
            let said = read(stdout, CODE_BYTES + 1);
            (said, complaint.join().unwrap_or_default())
        });
        let status = process.wait().map_err(failed)?;
        if said.len() as u64 > CODE_BYTES {
            return Err(CellError::TooMuch { count: said.len() as u64, what: "bytes of code", limit: CODE_BYTES });
        }
        // Until here it has somebody to work for.
        drop(stdin);
        if status.success() { Ok(said) } else { Err(self.reason(&said, &complaint, status)) }
    }

    /// What the compiler's last words mean.
    fn reason(&self, said: &[u8], complaint: &[u8], status: ExitStatus) -> CellError {
        let [said, complaint] = [said, complaint].map(String::from_utf8_lossy);
        if let Some(found) = said.strip_prefix(DAMAGED) {
            return CellError::Malformed(found.to_owned());
        }
        // These are the words of the standard library, when it gives up, and of the system.
        if complaint.lines().any(|line| line.starts_with("memory allocation of ")) || said.contains("os error 12") {
            return CellError::CompileMemory { limit: bytes(self.memory as usize) };
        }
        match said.strip_prefix(REFUSED) {
            Some(found) => CellError::Refused(found.to_owned()),
            None => {
                let complaint = complaint.lines().next().unwrap_or_default();
                CellError::Compiler(format!("{status}: {}", beginning(complaint, FOUND)))
            }
        }
    }
}

/// All that comes, or the beginning. What comes before an error is as good as all.
fn read(from: impl Read, most: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = from.take(most).read_to_end(&mut bytes);
    bytes
}

impl Process {
    fn start(&self, compiler: &Compiler) -> io::Result<Pipes> {
        let mut command = Command::new(&compiler.program);
        command.args(&compiler.args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // What the node is asked to tell, its compiler is not.
        command.env_remove("RUST_LOG").env_remove("RUST_BACKTRACE");
        // A signal from a terminal is for the node, which then needs no code any more.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut state = self.state();
        if matches!(*state, State::Over) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let mut child = command.spawn()?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        *state = State::Running(child);
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else { return Err(io::ErrorKind::BrokenPipe.into()) };
        Ok(Pipes { stdin, stdout, stderr })
    }

    /// Waits for its end, once it has nothing more to say.
    fn wait(&self) -> io::Result<ExitStatus> {
        loop {
            // Looked at again and again, so that whoever ends it never waits for it.
            let ended = match &mut *self.state() {
                State::Running(child) => child.try_wait()?,
                State::Early | State::Over => return Err(io::ErrorKind::Interrupted.into()),
            };
            match ended {
                Some(status) => return Ok(status),
                None => thread::sleep(TICK),
            }
        }
    }

    /// Ends it, where it goes on, and waits for nothing.
    pub(crate) fn end(&self) {
        match &mut *self.state() {
            // It may have ended by itself.
            State::Running(child) => drop(child.kill()),
            early => *early = State::Over,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
