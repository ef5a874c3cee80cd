//! The standard streams of this process, as streams of bytes for whoever serves a command.

use std::io::{self, Read, Write};
use std::rc::Rc;

use capnp::Error;
use tokio::sync::{Mutex, mpsc};
use ww_capnp::system_capnp::byte_stream;

/// Bytes of one read at most.
const MAX_READ: usize = 256 << 10;

/// Bytes of one read where nobody says.
const READ: usize = 64 << 10;

/// The standard input. It is read from the first `read` on, on a thread of its own that nobody waits for: a terminal may
/// never say anything.
pub(super) fn stdin() -> byte_stream::Client {
    ww_call::new_client(Stdin(Mutex::new(Reading { chunks: None, rest: Vec::new() })))
}

/// The standard output and the standard error.
pub(super) struct Outputs {
    pub(super) stdout: byte_stream::Client,
    pub(super) stderr: byte_stream::Client,
}

impl Outputs {
    pub(super) fn new() -> Self {
        Self {
            stdout: ww_call::new_client(Out(|bytes| write_to(&mut io::stdout().lock(), bytes))),
            stderr: ww_call::new_client(Out(|bytes| write_to(&mut io::stderr().lock(), bytes))),
        }
    }

    /// Waits until all that came is written: over a connection, a write counts as done before it is. A call waits for the
    /// writes before it.
    pub(super) async fn written(&self) {
        for stream in [&self.stdout, &self.stderr] {
            // Whoever wrote was told of what went wrong.
            let _ = stream.end_request().send().promise.await;
        }
    }
}

fn write_to(out: &mut dyn Write, bytes: &[u8]) -> io::Result<()> {
    out.write_all(bytes)?;
    out.flush()
}

struct Stdin(Mutex<Reading>);

struct Reading {
    chunks: Option<mpsc::Receiver<Vec<u8>>>,
    rest: Vec<u8>,
}

impl Reading {
    /// Some bytes; none at the end.
    async fn read(&mut self, limit: usize) -> Vec<u8> {
        if self.rest.is_empty() {
            let chunks = self.chunks.get_or_insert_with(read_ahead);
            self.rest = chunks.recv().await.unwrap_or_default();
        }
        let rest = self.rest.split_off(self.rest.len().min(limit));
        std::mem::replace(&mut self.rest, rest)
    }
}

/// One chunk ahead of whoever reads.
fn read_ahead() -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel(1);
    std::thread::spawn(move || {
        let mut buffer = vec![0; READ];
        loop {
            let chunk = match io::stdin().lock().read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Ok(count) if count > 0 => buffer[..count].to_vec(),
                // The end, or an input that cannot be read.
                Ok(_) | Err(_) => return,
            };
            if sender.blocking_send(chunk).is_err() {
                return;
            }
        }
    });
    receiver
}

impl byte_stream::Server for Stdin {
    async fn read(
        self: Rc<Self>,
        params: byte_stream::ReadParams,
        mut results: byte_stream::ReadResults,
    ) -> Result<(), Error> {
        let limit = match params.get()?.get_max_bytes() as usize {
            0 => READ,
            asked => asked.min(MAX_READ),
        };
        let Ok(mut reading) = self.0.try_lock() else {
            return Err(Error::failed("another read of this stream is waiting".into()));
        };
        results.get().set_data(&reading.read(limit).await);
        Ok(())
    }

    async fn write(self: Rc<Self>, _params: byte_stream::WriteParams) -> Result<(), Error> {
        Err(Error::failed("standard input cannot be written".into()))
    }

    async fn end(self: Rc<Self>, _: byte_stream::EndParams, _: byte_stream::EndResults) -> Result<(), Error> {
        Ok(())
    }
}

/// Writes bytes where they go, however long that blocks.
struct Out(fn(&[u8]) -> io::Result<()>);

impl byte_stream::Server for Out {
    async fn read(
        self: Rc<Self>,
        _params: byte_stream::ReadParams,
        _results: byte_stream::ReadResults,
    ) -> Result<(), Error> {
        Err(Error::failed("this stream cannot be read".into()))
    }

    async fn write(self: Rc<Self>, params: byte_stream::WriteParams) -> Result<(), Error> {
        let (bytes, write) = (params.get()?.get_data()?.to_vec(), self.0);
        let written = tokio::task::spawn_blocking(move || write(&bytes)).await;
        match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Error::disconnected(error.to_string())),
            Err(_) => Err(Error::failed("the thread that writes is gone".into())),
        }
    }

    async fn end(self: Rc<Self>, _: byte_stream::EndParams, _: byte_stream::EndResults) -> Result<(), Error> {
        Ok(())
    }
}
