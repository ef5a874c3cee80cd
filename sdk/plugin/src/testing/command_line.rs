//! Command lines that a test types.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use capnp::Error;
use ww_capnp::provider_capnp::{command, service};
use ww_capnp::system_capnp::byte_stream;

use crate::byte_stream::MAX_WRITE;

/// Bytes of one read at most, of which the schema promises no more than one: few, so that what takes the first read for all
/// there is does not pass.
const READ: usize = 1000;

/// A command line to be run; what [`Opened::command_line`](super::Opened::command_line) gives.
#[must_use = "it runs when `run` is called"]
pub struct CommandLine<'a> {
    service: service::Client,
    args: &'a [&'a str],
    stdin: &'a [u8],
    terminal: bool,
}

/// What came of a command line.
#[derive(Clone, PartialEq, Eq)]
pub struct Ran {
    /// Its exit status.
    pub status: u8,
    /// What it wrote to standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error.
    pub stderr: Vec<u8>,
}

impl<'a> CommandLine<'a> {
    pub(super) fn new(service: service::Client, args: &'a [&'a str]) -> Self {
        Self { service, args, stdin: b"", terminal: false }
    }

    /// With a standard input; without, it is empty.
    pub fn stdin(self, bytes: &'a [u8]) -> Self {
        Self { stdin: bytes, ..self }
    }

    /// With a terminal as its standard output.
    pub fn on_a_terminal(self) -> Self {
        Self { terminal: true, ..self }
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// The command's own; `unimplemented` where the provider has no such role.
    pub async fn run(self) -> capnp::Result<Ran> {
        let (stdout, stderr) = (Rc::<Output>::default(), Rc::<Output>::default());
        let command: command::Client = super::role(&self.service, "command").await?;
        let mut request = command.run_request();
        let mut params = request.get();
        params.set_args(self.args)?;
        params.set_stdin(ww_call::new_client(Input(RefCell::new(self.stdin.to_vec()))));
        params.set_stdout(ww_call::new_client_from_rc(stdout.clone()));
        params.set_stderr(ww_call::new_client_from_rc(stderr.clone()));
        params.set_terminal(self.terminal);
        let status = request.send().promise.await?.get()?.get_status();
        Ok(Ran { status, stdout: stdout.0.take(), stderr: stderr.0.take() })
    }
}

impl fmt::Debug for Ran {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (stdout, stderr) = (String::from_utf8_lossy(&self.stdout), String::from_utf8_lossy(&self.stderr));
        write!(formatter, "status {}\n--- stdout\n{stdout}\n--- stderr\n{stderr}", self.status)
    }
}

struct Input(RefCell<Vec<u8>>);

impl byte_stream::Server for Input {
    async fn read(
        self: Rc<Self>,
        params: byte_stream::ReadParams,
        mut results: byte_stream::ReadResults,
    ) -> Result<(), Error> {
        let most = match params.get()?.get_max_bytes() as usize {
            0 => READ,
            most => most.min(READ),
        };
        let mut bytes = self.0.borrow_mut();
        let most = most.min(bytes.len());
        results.get().set_data(&bytes[..most]);
        bytes.drain(..most);
        Ok(())
    }
}

#[derive(Default)]
struct Output(RefCell<Vec<u8>>);

impl byte_stream::Server for Output {
    async fn write(self: Rc<Self>, params: byte_stream::WriteParams) -> Result<(), Error> {
        let bytes = params.get()?.get_data()?;
        if bytes.len() > MAX_WRITE {
            return Err(Error::failed(format!("a write of {} bytes; {MAX_WRITE} is the most", bytes.len())));
        }
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(())
    }

    async fn end(self: Rc<Self>, _: byte_stream::EndParams, _: byte_stream::EndResults) -> Result<(), Error> {
        Ok(())
    }
}
