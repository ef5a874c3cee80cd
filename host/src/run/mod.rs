//! The verb `ww run`: a node with a swarm, and one guest on it.

mod data;
mod error;
mod guest;
mod image;
mod node;
mod progress;
mod signals;

use std::process::ExitCode;

use tokio::task::LocalSet;

use crate::cli::RunArgs;

pub use error::Error;

/// Threads for what blocks, above all file operations of guests: more would only wait for the same disk.
const BLOCKING_THREADS: usize = 32;

/// Runs the image at `args.path`; gives the guest's own exit status.
///
/// # Errors
/// Where the node fails before the guest runs, and where the guest is ended by a trap or a limit.
pub fn run(args: RunArgs) -> Result<ExitCode, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .build()
        .map_err(Error::Runtime)?;
    let outcome = runtime.block_on(LocalSet::new().run_until(run_here(args)));
    // An operation that blocks for ever, say on a dead disk, must not hold the exit.
    runtime.shutdown_background();
    outcome
}

/// Everything on this one thread: the worker of the guest.
async fn run_here(args: RunArgs) -> Result<ExitCode, Error> {
    let image = image::open(&args.path)?;
    let node = node::Node::start(&args, &image).await?;
    let outcome = guest::run(&node, &image, args).await;
    node.stop().await;
    outcome
}
