//! The verb `ww run`: a node with a swarm, and one guest on it.

mod error;
mod grants;
mod guest;
mod image;
mod node;
mod signals;
mod state;

use std::process::ExitCode;
use std::time::Duration;

use tokio::task::LocalSet;
use ww_cell::fs::{private_directories_removed, remove_left_over};

use crate::cli::RunArgs;
use crate::data::Data;
use guest::Guest;
use image::Image;
use node::Node;
use signals::Signals;
use state::State;

pub use error::Error;
pub(crate) use node::offered;

/// Threads for what blocks, above all file operations of guests: more would only wait for the same disk.
const BLOCKING_THREADS: usize = 32;

/// How long the removal of what the guest had in `/tmp` may hold the exit. What is left then, the next start removes.
const REMOVAL: Duration = Duration::from_secs(2);

/// Runs the image that `args.paths` are together; gives the guest's own exit status.
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
    let image = Image::open(&args.paths, args.name.as_deref()).await?;
    let mut plan = args.providers.plan()?;
    plan.complete(&offered())?;
    let data = Data::locate(args.data.as_deref()).ok_or(Error::NoData)?;
    data.create().map_err(|cause| Error::Data { path: data.path().to_owned(), cause })?;
    let state = State::of(&image, &data)?;
    let mut signals = Signals::listen().map_err(Error::Runtime)?;
    // Beside the start: nothing of it depends on this.
    drop(tokio::task::spawn_blocking(|| remove_left_over(&std::env::temp_dir())));
    let ready = async {
        let node = Node::start(&args, plan, &data).await?;
        let guest = Guest::load(&node, &image, &state, &args).await?;
        node.announce(&image, &state);
        Ok::<_, Error>((node, guest))
    };
    let (node, guest) = tokio::select! {
        ready = ready => ready?,
        // There is no guest that could be asked to stop.
        signal = signals.next() => return Ok(signal.status()),
    };
    let outcome = guest.run(&mut signals).await;
    let _ = tokio::time::timeout(REMOVAL, private_directories_removed()).await;
    node.stop().await;
    outcome
}
