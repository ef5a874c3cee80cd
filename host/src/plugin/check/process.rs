//! A child, as its parent sees it.

use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::outcome::Outcome;
use crate::cli::{CHECK, program};
use crate::report;

/// Bytes of an answer, and of what is kept of the standard output of a child.
const MOST: u64 = 64 << 10;

/// How long a child may take to end that is not needed any more, with what it writes last.
const END: Duration = Duration::from_secs(5);
const TICK: Duration = Duration::from_millis(5);

/// A child that does cases. Killed when it is dropped.
pub(super) struct Process {
    child: Child,
    asked: UnixStream,
    answers: Receiver<String>,
    /// Lines of its standard error.
    said: Receiver<String>,
    /// What it writes to its standard output.
    written: Receiver<Vec<u8>>,
}

impl Process {
    /// Starts one, and tells it its task.
    pub(super) fn start(task: &str) -> io::Result<Self> {
        let (mut ours, theirs) = UnixStream::pair()?;
        let mut command = Command::new(program()?);
        command.arg(CHECK).stdin(OwnedFd::from(theirs)).stdout(Stdio::piped()).stderr(Stdio::piped());
        let loud = std::env::var_os("RUST_LOG").is_some_and(|filter| !filter.is_empty());
        if !loud {
            command.env("RUST_LOG", "off");
        }
        let mut child = command.spawn()?;
        drop(command);
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let (write, written) = channel();
        thread::spawn(move || chunks(stdout, |chunk| write.send(chunk.to_vec()).is_ok()));
        let (say, said) = channel();
        thread::spawn(move || {
            lines(stderr, |line| {
                if loud {
                    report::say(&line);
                }
                // Read to its end, also where nobody wants to know.
                let _ = say.send(line);
                true
            });
        });
        let (tell, answers) = channel();
        let from = ours.try_clone()?;
        thread::spawn(move || lines(Some(from), |line| tell.send(line).is_ok()));
        // One that has ended already is found out about when it is asked.
        let _ = writeln!(ours, "{task}");
        Ok(Self { child, asked: ours, answers, said, written })
    }

    /// Asks for a case.
    ///
    /// # Errors
    /// What became of the child, which is of no use any more.
    pub(super) fn ask(&mut self, case: &str, within: Duration) -> Result<Outcome, String> {
        // One that has ended already is found out about right below.
        let _ = writeln!(self.asked, "{case}");
        match self.answers.recv_timeout(within) {
            Ok(line) => serde_json::from_str(&line).map_err(|_| "wrote something to its standard input".to_owned()),
            Err(RecvTimeoutError::Timeout) => Err(format!("no answer within {} s", within.as_secs())),
            Err(RecvTimeoutError::Disconnected) => Err(self.ended()),
        }
    }

    /// Lets it end, and returns what it wrote to its standard output.
    pub(super) fn finish(mut self) -> Vec<u8> {
        // It may have ended by itself.
        let _ = self.asked.shutdown(Shutdown::Write);
        self.wait();
        self.written()
    }

    /// Ends it, and returns what it wrote to its standard output.
    pub(super) fn kill(mut self) -> Vec<u8> {
        // It may have ended by itself.
        let _ = self.child.kill();
        self.wait();
        self.written()
    }

    /// How it has ended by itself.
    fn ended(&mut self) -> String {
        let how = match self.wait() {
            Some(status) => told(status),
            None => return "closed its connection to the check".to_owned(),
        };
        let end = Instant::now() + END;
        let said = std::iter::from_fn(|| self.said.recv_timeout(end.saturating_duration_since(Instant::now())).ok());
        match said.filter(|line| !line.trim().is_empty()).last() {
            Some(last) => format!("{how}: {}", last.strip_prefix("error: ").unwrap_or(&last)),
            None => how,
        }
    }

    fn wait(&mut self) -> Option<ExitStatus> {
        let start = Instant::now();
        while start.elapsed() < END {
            match self.child.try_wait() {
                Ok(None) => thread::sleep(TICK),
                Ok(Some(status)) => return Some(status),
                Err(_) => return None,
            }
        }
        None
    }

    fn written(&self) -> Vec<u8> {
        let mut all = Vec::new();
        // A process of the plugin's own may still have it open.
        let end = Instant::now() + END;
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            match self.written.recv_timeout(left) {
                Ok(chunk) if all.len() < MOST as usize => all.extend(chunk),
                Ok(_) => {}
                Err(_) => break,
            }
        }
        all
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn told(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(signal), _) => format!("ended the process by signal {signal}"),
        (None, Some(code)) => format!("ended the process with status {code}"),
        (None, None) => "ended the process".to_owned(),
    }
}

fn lines(from: Option<impl Read>, mut each: impl FnMut(String) -> bool) {
    let Some(from) = from else { return };
    let mut from = BufReader::new(from);
    loop {
        let mut line = Vec::new();
        match (&mut from).take(MOST).read_until(b'\n', &mut line) {
            Ok(1..) if each(String::from_utf8_lossy(&line).trim_end().to_owned()) => {}
            _ => return,
        }
    }
}

fn chunks(from: Option<impl Read>, mut each: impl FnMut(&[u8]) -> bool) {
    let Some(mut from) = from else { return };
    let mut chunk = [0; 8192];
    while let Ok(count @ 1..) = from.read(&mut chunk) {
        if !each(&chunk[..count]) {
            return;
        }
    }
}
