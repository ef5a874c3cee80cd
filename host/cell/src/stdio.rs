//! A guest's standard streams.
//!
//! Each is a [pipe](crate::pipe) to somebody else: a thread that serves a file of the process, or a parent. So a
//! terminal that does not read holds back the guest that writes to it, and nobody else.

use std::io::{Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::io::{AsyncRead, AsyncWrite};
use wasmtime_wasi::cli::{IsTerminal, StdinStream, StdoutStream};
use wasmtime_wasi_io::streams::{InputStream, OutputStream};

use crate::limits::PIPE_BYTES;
use crate::pipe::{PipeReader, PipeWriter, pipe};

/// Where a guest's standard streams lead.
pub struct Stdio {
    /// What the guest reads.
    pub stdin: Input,
    /// Where its output goes.
    pub stdout: Output,
    /// Where its errors go.
    pub stderr: Output,
}

/// What a guest reads as its standard input.
#[derive(Clone)]
pub struct Input {
    reader: PipeReader,
    terminal: bool,
    /// The other end, until somebody feeds it.
    feed: Arc<Mutex<Option<PipeWriter>>>,
}

/// Where a guest writes.
#[derive(Clone)]
pub struct Output {
    writer: PipeWriter,
    terminal: bool,
}

impl Input {
    /// Reads from a pipe.
    pub fn pipe(reader: PipeReader) -> Self {
        Self { reader, terminal: false, feed: Arc::default() }
    }

    /// Reads nothing: the end at once.
    pub fn empty() -> Self {
        Self::pipe(pipe(1).1)
    }

    /// Reads the standard input of this process, from the moment on when somebody asks for it, on a thread of its own:
    /// nothing of the process waits for it, least of all its exit.
    pub fn process() -> Self {
        let (writer, reader) = pipe(PIPE_BYTES);
        Self { reader, terminal: std::io::stdin().is_terminal(), feed: Arc::new(Mutex::new(Some(writer))) }
    }
}

impl Input {
    /// What is read. From now on, where it is the standard input of this process.
    pub fn reader(&self) -> PipeReader {
        let feed = self.feed.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = feed {
            // Where no thread can be started, the writer is dropped and the reader is at its end.
            let _ = std::thread::Builder::new().name("ww-stdin".into()).spawn(|| feed_from_process(writer));
        }
        self.reader.clone()
    }

    /// Ends the input: the guest reads what is there, and then the end.
    pub fn end(&self) {
        self.reader.end();
    }
}

fn feed_from_process(writer: PipeWriter) {
    let mut buffer = vec![0; PIPE_BYTES];
    loop {
        match std::io::stdin().lock().read(&mut buffer) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Ok(count) if count > 0 => {
                if futures::executor::block_on(writer.write_all(&buffer[..count])).is_err() {
                    return;
                }
            }
            // The end, or an input that cannot be read (closed, a directory): the guest sees the end.
            Ok(_) | Err(_) => return,
        }
    }
}

/// A file of this process that a guest's output goes to. [`Drain::finish`] waits until all of it has been written.
pub struct Drain(JoinHandle<()>);

impl Drain {
    /// Waits until every writer is dropped and what they wrote has reached the file.
    pub fn finish(self) {
        // A panic of the thread has nothing left to write either.
        let _ = self.0.join();
    }
}

impl Output {
    /// Writes to a pipe.
    pub fn pipe(writer: PipeWriter) -> Self {
        Self { writer, terminal: false }
    }

    /// Writes to the standard output of this process.
    ///
    /// # Errors
    /// Where the thread cannot be started.
    pub fn process_stdout() -> std::io::Result<(Self, Drain)> {
        Self::file(std::io::stdout(), std::io::stdout().is_terminal())
    }

    /// Writes to the standard error of this process.
    ///
    /// # Errors
    /// Where the thread cannot be started.
    pub fn process_stderr() -> std::io::Result<(Self, Drain)> {
        Self::file(std::io::stderr(), std::io::stderr().is_terminal())
    }

    fn file(mut file: impl Write + Send + 'static, terminal: bool) -> std::io::Result<(Self, Drain)> {
        let (writer, reader) = pipe(PIPE_BYTES);
        let thread = std::thread::Builder::new().name("ww-stdout".into()).spawn(move || {
            loop {
                let bytes = futures::executor::block_on(reader.read(PIPE_BYTES));
                // A file that cannot be written any more is an error to the guest: its next write fails.
                if bytes.is_empty() || file.write_all(&bytes).and_then(|()| file.flush()).is_err() {
                    return;
                }
            }
        })?;
        Ok((Self { writer, terminal }, Drain(thread)))
    }
}

impl IsTerminal for Input {
    fn is_terminal(&self) -> bool {
        self.terminal
    }
}

impl StdinStream for Input {
    fn async_stream(&self) -> Box<dyn AsyncRead + Send + Sync> {
        // Only WASI 0.3 asks for this one.
        Box::new(tokio::io::empty())
    }

    fn p2_stream(&self) -> Box<dyn InputStream> {
        Box::new(self.reader())
    }
}

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        self.terminal
    }
}

impl StdoutStream for Output {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        // Only WASI 0.3 asks for this one.
        Box::new(tokio::io::sink())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.writer.clone())
    }
}
