//! The standard streams of this process, as streams of bytes for whoever serves a command.

use std::cell::Cell;
use std::io::{self, Write};
use std::rc::Rc;

use capnp::Error;
use tokio::sync::Mutex;
use ww_capnp::system_capnp::byte_stream;
use ww_cell::limits::PIPE_BYTES;
use ww_cell::stdio::Input;

/// The standard input. It is read from the first `read` on, and nobody waits for it: a terminal may never say anything.
pub(super) fn stdin() -> byte_stream::Client {
    ww_call::new_client(Stdin { input: Input::process(), turn: Mutex::default() })
}

/// The standard output and the standard error.
pub(super) struct Outputs {
    pub(super) stdout: byte_stream::Client,
    pub(super) stderr: byte_stream::Client,
    unread: Rc<Cell<bool>>,
}

impl Outputs {
    pub(super) fn new() -> Self {
        let unread = Rc::<Cell<bool>>::default();
        let out = |write| ww_call::new_client(Out { write, unread: unread.clone() });
        Self {
            stdout: out(|bytes| write_to(&mut io::stdout().lock(), bytes)),
            stderr: out(|bytes| write_to(&mut io::stderr().lock(), bytes)),
            unread,
        }
    }

    /// Whether a reader has had enough and left.
    pub(super) fn unread(&self) -> bool {
        self.unread.get()
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

struct Stdin {
    input: Input,
    /// Taken by whoever reads.
    turn: Mutex<()>,
}

impl byte_stream::Server for Stdin {
    async fn read(
        self: Rc<Self>,
        params: byte_stream::ReadParams,
        mut results: byte_stream::ReadResults,
    ) -> Result<(), Error> {
        let limit = match params.get()?.get_max_bytes() as usize {
            // That is also all that there can be at once.
            0 => PIPE_BYTES,
            asked => asked,
        };
        let Ok(_turn) = self.turn.try_lock() else {
            return Err(Error::failed("another read of this stream is waiting".into()));
        };
        results.get().set_data(&self.input.reader().read(limit).await);
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
struct Out {
    write: fn(&[u8]) -> io::Result<()>,
    unread: Rc<Cell<bool>>,
}

impl byte_stream::Server for Out {
    async fn read(
        self: Rc<Self>,
        _params: byte_stream::ReadParams,
        _results: byte_stream::ReadResults,
    ) -> Result<(), Error> {
        Err(Error::failed("this stream cannot be read".into()))
    }

    async fn write(self: Rc<Self>, params: byte_stream::WriteParams) -> Result<(), Error> {
        let (bytes, write) = (params.get()?.get_data()?.to_vec(), self.write);
        let written = tokio::task::spawn_blocking(move || write(&bytes)).await;
        match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                if error.kind() == io::ErrorKind::BrokenPipe {
                    self.unread.set(true);
                }
                Err(Error::disconnected(error.to_string()))
            }
            Err(_) => Err(Error::failed("the thread that writes is gone".into())),
        }
    }

    async fn end(self: Rc<Self>, _: byte_stream::EndParams, _: byte_stream::EndResults) -> Result<(), Error> {
        Ok(())
    }
}
