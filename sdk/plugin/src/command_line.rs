//! Command lines of a provider.

use capnp::Result;
use ww_capnp::provider_capnp::command;

use crate::ByteStream;

/// What an operator typed, `ww NAME ARGS…`, as the role `command` gets it.
///
/// The command runs where the provider is open, which may be another process than the operator's, with another working
/// directory, environment and terminal: all that it has of theirs is here. An error that it returns is told in one line,
/// and ends the operator's process with status 125.
pub struct CommandLine {
    /// The words after the name.
    pub args: Vec<String>,
    /// What it reads.
    pub stdin: ByteStream,
    /// Where its data goes.
    pub stdout: ByteStream,
    /// Where it talks to the operator.
    pub stderr: ByteStream,
    /// Whether standard output is a terminal, and its reader a person.
    pub terminal: bool,
}

impl CommandLine {
    /// Reads the parameters of `Command.run`.
    ///
    /// # Errors
    /// Where a stream is missing, or an argument is no text.
    pub fn read(params: &command::RunParams) -> Result<Self> {
        let params = params.get()?;
        Ok(Self {
            args: params.get_args()?.iter().map(|word| Ok(word?.to_string()?)).collect::<Result<_>>()?,
            stdin: params.get_stdin()?.into(),
            stdout: params.get_stdout()?.into(),
            stderr: params.get_stderr()?.into(),
            terminal: params.get_terminal(),
        })
    }
}
