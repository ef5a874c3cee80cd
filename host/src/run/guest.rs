//! The image's own guest, from its start to its exit.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use capnp::capability::FromClientHook;
use ww_cell::fs::{FsConfig, LocalTree};
use ww_cell::stdio::{Drain, Input, Output, Stdio};
use ww_cell::{Cell, CellConfig, Exit};

use super::data::State;
use super::error::Error;
use super::image::Image;
use super::node::Node;
use super::progress;
use super::signals::{Signal, Signals};
use crate::cli::RunArgs;

/// How long a guest may take to stop by itself once it was asked to.
const GRACE: Duration = Duration::from_secs(5);

/// Runs the guest of `image` on `node`, with the terminal as its standard streams.
pub(super) async fn run(node: &Node, image: &Image, args: RunArgs) -> Result<ExitCode, Error> {
    let failed = |cause| Error::Boot { path: image.boot.clone(), cause };
    let compiling = format!("compiling {}", image.boot.display());
    let program = progress::show(&compiling, node.engine.program(&image.bytes)).await.map_err(failed)?;

    let name = args.name.unwrap_or_else(|| image.name());
    let state = State::of(&image.root);
    let (stdio, streams) = stdio()?;
    let stdin = stdio.stdin.clone();
    let mut files = FsConfig::new(Arc::new(local_tree(image)?));
    files.var = state.path();
    let cell = Cell::new(
        &program,
        CellConfig {
            name: name.clone(),
            args: args.args,
            env: args.env.into_iter().map(|variable| (variable.key, variable.value)).collect(),
            stdio,
            files,
            membrane: node.membrane(name.clone()).into_client_hook(),
        },
    )?;
    let mut signals = Signals::listen().map_err(Error::Runtime)?;
    let closer = cell.closer();
    let mut running = std::pin::pin!(cell.run());
    let outcome = tokio::select! {
        exit = &mut running => Outcome::Exit(exit),
        signal = signals.next() => {
            closer.close(capnp::Error::disconnected("the node is stopping".into()));
            stdin.end();
            tokio::select! {
                _ = &mut running => Outcome::Stopped(signal),
                () = tokio::time::sleep(GRACE) => Outcome::Killed(signal),
                _ = signals.next() => Outcome::Killed(signal),
            }
        }
    };
    outcome.end(name, streams)
}

enum Outcome {
    Exit(Exit),
    /// By itself, after a signal.
    Stopped(Signal),
    /// Not by itself, in the time that it had, or before a second signal.
    Killed(Signal),
}

impl Outcome {
    fn end(self, name: String, streams: [Drain; 2]) -> Result<ExitCode, Error> {
        if !matches!(self, Self::Killed(_)) {
            streams.into_iter().for_each(Drain::finish);
        }
        match self {
            Self::Exit(exit) => status_of(exit, name),
            Self::Stopped(signal) | Self::Killed(signal) => Ok(ExitCode::from(signal.status())),
        }
    }
}

/// The guest's own status. Of a larger one, the lowest eight bits are what the system hands on, as for any program.
fn status_of(exit: Exit, name: String) -> Result<ExitCode, Error> {
    match exit {
        Exit::Code(code) => Ok(ExitCode::from((code & 0xff) as u8)),
        Exit::Trap { reason, backtrace } => Err(Error::Trapped { name, reason, backtrace }),
        Exit::Limit(limit) => Err(Error::Limited { name, limit }),
    }
}

fn stdio() -> Result<(Stdio, [Drain; 2]), Error> {
    let (stdout, out) = Output::process_stdout().map_err(Error::Stdio)?;
    let (stderr, err) = Output::process_stderr().map_err(Error::Stdio)?;
    Ok((Stdio { stdin: Input::process(), stdout, stderr }, [out, err]))
}

fn local_tree(image: &Image) -> Result<LocalTree, Error> {
    LocalTree::open(&image.root).map_err(|cause| Error::Image { path: image.root.clone(), cause })
}
