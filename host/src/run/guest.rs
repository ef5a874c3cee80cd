//! The image's own guest, from its start to its exit.

use std::process::ExitCode;
use std::time::Duration;

use capnp::capability::FromClientHook;
use ww_cell::fs::{FsConfig, Home};
use ww_cell::stdio::{Drain, Input, Output, Stdio};
use ww_cell::{Cell, CellConfig, CellLimits, Exit};

use super::error::Error;
use super::image::Image;
use super::node::Node;
use super::signals::Signals;
use super::state::State;
use crate::cli::{Limits, RunArgs};
use crate::progress;

/// How long a guest may take to stop by itself once it was asked to.
const GRACE: Duration = Duration::from_secs(5);

/// The guest of an image, ready to run.
pub(super) struct Guest {
    name: String,
    /// Whether the user wants to know where it trapped.
    debug: bool,
    cell: Cell,
    stdin: Input,
    streams: [Drain; 2],
}

impl Guest {
    /// Compiles the guest of `image` and makes its cell on `node`, with the terminal as its standard streams.
    pub(super) async fn load(node: &Node, image: &Image, state: &State, args: &RunArgs) -> Result<Self, Error> {
        let failed = |cause| Error::Boot { path: image.boot.clone(), cause };
        let compiling = format!("compiling {}", image.boot.display());
        let program = progress::show(&compiling, node.engine.program(&image.bytes)).await.map_err(failed)?;

        let (stdio, streams) = stdio()?;
        let stdin = stdio.stdin.clone();
        let mut files = FsConfig::new(image.tree.clone());
        if let Some(var) = state.path() {
            files.var = Home::Kept(var);
        }
        let limits = args.limit.unwrap_or_default();
        files.limits.disk = limits.disk.unwrap_or(files.limits.disk);
        let config = CellConfig {
            name: image.name.clone(),
            args: args.args.clone(),
            env: args.env.iter().map(|variable| (variable.key.clone(), variable.value.clone())).collect(),
            stdio,
            files,
            membrane: node.membrane(image.name.clone()).into_client_hook(),
            limits: cell_limits(limits),
            afterwards: None,
        };
        let cell = Cell::new(&program, config)?;
        Ok(Self { name: image.name.clone(), debug: args.wasm_debug, cell, stdin, streams })
    }

    /// Runs the guest to its end, or until signals end it: the first one asks it to stop, the second one does not ask.
    pub(super) async fn run(self, signals: &mut Signals) -> Result<ExitCode, Error> {
        let Self { name, debug, cell, stdin, streams } = self;
        let closer = cell.closer();
        let mut running = std::pin::pin!(cell.run());
        let exit = tokio::select! {
            exit = &mut running => exit,
            signal = signals.next() => {
                closer.close(capnp::Error::disconnected("the node is stopping".into()));
                stdin.end();
                let stopped = async {
                    running.await;
                    written(streams).await;
                };
                tokio::select! {
                    () = stopped => {}
                    () = tokio::time::sleep(GRACE) => {}
                    _ = signals.next() => {}
                }
                return Ok(signal.status());
            }
        };
        // What it wrote is still to be read by somebody who may never do it.
        tokio::select! {
            () = written(streams) => status_of(exit, name, debug),
            signal = signals.next() => Ok(signal.status()),
        }
    }
}

/// Waits until what the guest wrote has reached where it goes, on a thread of its own: a terminal can stand still.
async fn written(streams: [Drain; 2]) {
    let finish = tokio::task::spawn_blocking(|| streams.into_iter().for_each(Drain::finish));
    // It panics only where a thread that wrote did; then there is nothing left to wait for.
    let _ = finish.await;
}

/// The guest's own status. Of a larger one, the lowest eight bits are what the system hands on, as for any program.
fn status_of(exit: Exit, name: String, debug: bool) -> Result<ExitCode, Error> {
    match exit {
        Exit::Code(code) => Ok(ExitCode::from((code & 0xff) as u8)),
        Exit::Trap { reason, backtrace, refused } => {
            Err(Error::Trapped { name, reason, refused, backtrace: backtrace.filter(|_| debug) })
        }
        Exit::Limit(limit) => Err(Error::Limited { name, limit }),
    }
}

fn cell_limits(limits: Limits) -> CellLimits {
    let Limits { memory, cpu, wall, .. } = limits;
    let usual = CellLimits::default();
    CellLimits { memory: memory.unwrap_or(usual.memory), cpu, wall, ..usual }
}

fn stdio() -> Result<(Stdio, [Drain; 2]), Error> {
    let (stdout, out) = Output::process_stdout().map_err(Error::Stdio)?;
    let (stderr, err) = Output::process_stderr().map_err(Error::Stdio)?;
    Ok((Stdio { stdin: Input::process(), stdout, stderr }, [out, err]))
}
