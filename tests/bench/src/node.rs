//! A node without a network: an engine, a Membrane, and the guest that measures.

use std::rc::Rc;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use capnp::capability::FromClientHook;
use membrane::{Authority, Grants, Membrane, Registry, Source, Worker};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use ww_capnp::stem_capnp::membrane as membrane_capnp;
use ww_cell::fs::{FsConfig, LocalTree, Tree};
use ww_cell::pipe::{PipeReader, pipe};
use ww_cell::stdio::{Input, Output, Stdio};
use ww_cell::{Cell, CellConfig, CellLimits, Exit, Program};
use ww_tests::guest::Guest as Component;

use crate::bench_capnp::{echo, probe};
use crate::object;

static GUEST: Component = Component::new("tests/guests/bench", "bench-guest");

/// The name of the object in a graft; the guest knows it.
pub(crate) const NAME: &str = "echo";

/// Bytes of a pipe that nobody reads before the guest has ended: a guest prints one number, or one line.
const OUTPUT_BYTES: usize = 4096;

/// What cells are started from.
pub(crate) struct Node {
    program: Program,
    /// The guest's component, for the bare runtime to run as well.
    pub(crate) component: Vec<u8>,
    pub(crate) worker: Rc<Worker>,
    /// The object that guests graft, as it is before it is guarded.
    pub(crate) echo: echo::Client,
    registry: Rc<Registry>,
    empty: Arc<dyn Tree>,
    _folder: TempDir,
}

/// A guest, for as long as this lives.
pub(crate) struct Guest {
    /// What it serves, where it is one that measures.
    pub(crate) probe: probe::Client,
    run: JoinHandle<Exit>,
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.run.abort();
    }
}

impl Node {
    pub(crate) async fn start() -> Result<Self> {
        let (component, program) = (std::fs::read(GUEST.component())?, GUEST.program().await);
        let worker = Worker::new(&Authority::new(0));
        tokio::task::spawn_local(worker.clone().run());
        let echo = object::lean();
        let registry = registry(echo.clone())?;
        let folder = tempfile::tempdir()?;
        let empty = Arc::new(LocalTree::open(folder.path())?);
        Ok(Self { program, component, worker, echo, registry, empty, _folder: folder })
    }

    /// A Membrane like a guest's.
    pub(crate) fn membrane(&self) -> membrane_capnp::Client {
        self.membrane_of(self.registry.clone())
    }

    pub(crate) fn membrane_of(&self, registry: Rc<Registry>) -> membrane_capnp::Client {
        Membrane::client(registry, Grants::all(), self.worker.clone(), "bench".into())
    }

    /// Guards `echo` as a graft does.
    pub(crate) async fn guarded(&self, echo: echo::Client) -> Result<echo::Client> {
        self.grafted(registry(echo)?).await
    }

    /// What a graft gives of a registry in which one capability is.
    pub(crate) async fn grafted(&self, registry: Rc<Registry>) -> Result<echo::Client> {
        let answer = self.membrane_of(registry).graft_request().send().promise.await?;
        let session = answer.get()?;
        Ok(session.get_caps()?.get(0).get_cap().get_as_capability()?)
    }

    /// A guest that measures.
    pub(crate) fn guest(&self) -> Result<Guest> {
        self.guest_of(&self.program, &[])
    }

    /// A guest that measures, and grafts from this registry.
    pub(crate) fn guest_with(&self, registry: Rc<Registry>) -> Result<Guest> {
        self.run(&self.program, &[], self.membrane_of(registry))
    }

    /// A guest of that program, with these arguments.
    pub(crate) fn guest_of(&self, program: &Program, args: &[&str]) -> Result<Guest> {
        self.run(program, args, self.membrane())
    }

    fn run(&self, program: &Program, args: &[&str], membrane: membrane_capnp::Client) -> Result<Guest> {
        let cell = Cell::new(program, config(args, self.empty.clone(), membrane, Self::silent()))?;
        let probe = FromClientHook::new(cell.bootstrap());
        Ok(Guest { probe, run: tokio::task::spawn_local(cell.run()) })
    }

    /// Guests that have grafted, and wait.
    pub(crate) async fn guests(&self, count: u32) -> Result<Vec<Guest>> {
        let mut guests = Vec::new();
        for _ in 0..count {
            let guest = self.guest()?;
            // Its graft is over when it answers.
            guest.probe.echo_request().send().promise.await?;
            guests.push(guest);
        }
        Ok(guests)
    }

    /// A cell with these arguments, not started yet.
    pub(crate) fn cell(
        &self,
        args: &[&str],
        image: Arc<dyn Tree>,
        membrane: membrane_capnp::Client,
        stdio: Stdio,
    ) -> Result<Cell> {
        Ok(Cell::new(&self.program, config(args, image, membrane, stdio))?)
    }

    /// A tree without files.
    pub(crate) fn empty(&self) -> Arc<dyn Tree> {
        self.empty.clone()
    }

    /// Standard streams that lead nowhere.
    pub(crate) fn silent() -> Stdio {
        Self::stdio(&Output::pipe(pipe(OUTPUT_BYTES).0))
    }

    /// Standard streams whose output can be read when the guest has ended.
    pub(crate) fn heard() -> (Stdio, PipeReader) {
        let (writer, reader) = pipe(OUTPUT_BYTES);
        (Self::stdio(&Output::pipe(writer)), reader)
    }

    fn stdio(output: &Output) -> Stdio {
        Stdio { stdin: Input::empty(), stdout: output.clone(), stderr: output.clone() }
    }
}

/// What a cell is started with; what is not said here does not matter to what is measured.
fn config(args: &[&str], image: Arc<dyn Tree>, membrane: membrane_capnp::Client, stdio: Stdio) -> CellConfig {
    CellConfig {
        name: "bench".into(),
        args: args.iter().map(|&it| it.to_owned()).collect(),
        env: Vec::new(),
        stdio,
        files: FsConfig::new(image),
        membrane: membrane.into_client_hook(),
        limits: CellLimits::default(),
        afterwards: None,
    }
}

/// A registry with `source` under the name that the guest grafts.
pub(crate) fn registry(source: impl Source + 'static) -> Result<Rc<Registry>> {
    let mut registry = Registry::new();
    registry.register(NAME.parse()?, source)?;
    Ok(Rc::new(registry))
}

/// The number that a guest printed.
pub(crate) fn printed(exit: &Exit, output: &[u8]) -> Result<f64> {
    let text = String::from_utf8_lossy(output);
    if *exit != Exit::Code(0) {
        bail!("the guest ended with {exit:?}: {text}");
    }
    text.trim().parse().with_context(|| format!("the guest printed {text:?}"))
}
