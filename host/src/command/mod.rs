//! The verb `ww NAME ARGS…`: the command line of a provider.
//!
//! It runs inside the node that has the provider open, else in a process of its own, and says which.

mod error;
mod own;
mod stdio;

use std::io::IsTerminal;
use std::process::ExitCode;

use tokio::task::LocalSet;
use ww_capnp::provider_capnp::command;

pub use error::Error;

use crate::cli::CommandArgs;
use crate::control;
use crate::data::Data;

/// Runs the command line of the provider that `args` names; gives its exit status.
///
/// # Errors
/// Where nobody has such a provider, and where it cannot be opened or asked.
pub fn run(args: CommandArgs) -> Result<ExitCode, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Runtime)?;
    let outcome = runtime.block_on(LocalSet::new().run_until(run_here(args)));
    // A terminal that is being read must not hold the exit.
    runtime.shutdown_background();
    outcome
}

async fn run_here(args: CommandArgs) -> Result<ExitCode, Error> {
    let data = Data::locate(args.data.as_deref()).ok_or(Error::NoData)?;
    let mut nodes = control::nodes(data.path()).await;
    nodes.retain(|node| node.providers.iter().any(|name| name == args.name()));
    match nodes.as_slice() {
        [] => own::run(&args, &data).await,
        [node] => {
            tracing::info!(target: "ww::command", "{} runs in the node with process id {}", args.name(), node.pid);
            let command = node.command(args.name()).await.map_err(|cause| Error::asked(args.name(), cause))?;
            ask(&args, command).await
        }
        several => {
            let pids = several.iter().map(|node| node.pid).collect();
            Err(Error::Several { name: args.name().to_owned(), data: data.path().to_owned(), pids })
        }
    }
}

/// Asks a provider to serve the command line, with the standard streams of this process.
async fn ask(args: &CommandArgs, command: command::Client) -> Result<ExitCode, Error> {
    let mut request = command.run_request();
    let mut run = request.get();
    let mut words = run.reborrow().init_args(u32::try_from(args.args().len()).unwrap_or(u32::MAX));
    for (index, word) in (0..).zip(args.args()) {
        words.set(index, word);
    }
    run.set_stdin(stdio::stdin());
    let outputs = stdio::Outputs::new();
    run.set_stdout(outputs.stdout.clone());
    run.set_stderr(outputs.stderr.clone());
    run.set_terminal(std::io::stdout().is_terminal());
    let failed = |cause| Error::asked(args.name(), cause);
    let answer = tokio::select! {
        answer = request.send().promise => answer,
        // Going away cancels the call.
        _ = tokio::signal::ctrl_c() => return Ok(ExitCode::from(130)),
    };
    outputs.written().await;
    match answer {
        // A reader that has had enough is no error.
        Err(_) if outputs.unread() => Ok(ExitCode::SUCCESS),
        answer => Ok(ExitCode::from(answer.map_err(failed)?.get().map_err(failed)?.get_status())),
    }
}
