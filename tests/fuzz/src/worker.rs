//! What all inputs of a thread share: the engine, the guest compiled once, a worker of the Membrane.
//!
//! Its clock stands still while anything goes on, and jumps when nothing does. So a guest that waits for ever is seen to
//! do so at once.

use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use capnp::private::capability::ClientHook;
use membrane::Authority;
use tokio::runtime::{Builder, Runtime};
use tokio::task::LocalSet;
use ww_cell::fs::{FsConfig, Tree, Union};
use ww_cell::limits::CellLimits;
use ww_cell::pipe::{PipeReader, pipe};
use ww_cell::stdio::{Input, Output, Stdio};
use ww_cell::{Cell, CellConfig, Engine, EngineConfig, Exit, Program};

/// The variable that names the guest's component, `tests/guests/fuzz`, where that is built already. A fuzzer's process
/// has an environment in which it cannot be.
const GUEST_VARIABLE: &str = "WW_FUZZ_GUEST";

/// How long a guest may wait for nothing, on the clock that jumps.
const PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// Bytes that a guest may print; what it prints is read when it has ended.
const OUTPUT: usize = 4 << 20;

/// What the inputs of one thread share.
pub(crate) struct Worker {
    runtime: Runtime,
    pub(crate) engine: Engine,
    pub(crate) membrane: Rc<membrane::Worker>,
}

/// What a guest is started with.
pub(crate) struct Guest<'a> {
    /// The interface that it tries.
    pub(crate) mode: &'a str,
    /// Its standard input.
    pub(crate) input: &'a [u8],
    /// What it starts with.
    pub(crate) membrane: Box<dyn ClientHook>,
    /// Its files.
    pub(crate) files: FsConfig,
}

/// Runs an input on this thread's worker, together with what it spawns.
pub(crate) fn run<T>(work: impl AsyncFnOnce(&Worker) -> T) -> T {
    thread_local! {
        // Never dropped: a runtime cannot be while its thread's other variables are.
        static WORKER: &'static Worker = Box::leak(Box::new(Worker::new()));
    }
    WORKER.with(|worker| {
        LocalSet::new().block_on(&worker.runtime, async {
            tokio::task::spawn_local(worker.membrane.clone().run());
            work(worker).await
        })
    })
}

impl Worker {
    fn new() -> Self {
        static ENGINE: OnceLock<Engine> = OnceLock::new();
        let engine = ENGINE.get_or_init(|| Engine::new(&EngineConfig::default()).expect("set up the engine"));
        let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().expect("start a runtime");
        Self { runtime, engine: engine.clone(), membrane: membrane::Worker::new(&Authority::new(0)) }
    }

    /// A cell of the guest, and what it prints.
    pub(crate) async fn cell(&self, guest: Guest<'_>) -> (Cell, PipeReader) {
        let (writer, stdin) = pipe(guest.input.len().max(1));
        writer.write_all(guest.input).await.expect("room for all");
        let (stdout, printed) = pipe(OUTPUT);
        let config = CellConfig {
            name: "fuzz".into(),
            args: vec![guest.mode.to_owned()],
            env: Vec::new(),
            stdio: Stdio {
                stdin: Input::pipe(stdin),
                stdout: Output::pipe(stdout.clone()),
                stderr: Output::pipe(stdout),
            },
            files: guest.files,
            limits: CellLimits::default(),
            afterwards: None,
            membrane: guest.membrane,
        };
        (Cell::new(&self.program().await, config).expect("make a cell"), printed)
    }

    /// The guest, compiled at most once: the engine keeps it.
    async fn program(&self) -> Program {
        static GUEST: OnceLock<Vec<u8>> = OnceLock::new();
        let bytes = GUEST.get_or_init(|| std::fs::read(component()).expect("read the guest's component"));
        self.engine.program(bytes).await.expect("compile the guest's component")
    }
}

fn component() -> PathBuf {
    match std::env::var_os(GUEST_VARIABLE) {
        Some(path) => path.into(),
        None => {
            ww_tests::binary::guest("tests/guests/fuzz").remove("fuzz").expect("the guest has a binary of that name")
        }
    }
}

/// Runs a cell until it ends, or until it waits for what will never come. A guest that computes without pause would hang
/// here: that is for whoever watches the clock on the wall.
pub(crate) async fn end(cell: Cell) -> Option<Exit> {
    tokio::time::timeout(PATIENCE, cell.run()).await.ok()
}

/// An image with nothing in it, for a guest that has no use for one.
pub(crate) fn no_files() -> FsConfig {
    let nothing: Arc<dyn Tree> = Arc::new(Union::new(Vec::new()).expect("fewer than the limit"));
    FsConfig::new(nothing)
}
