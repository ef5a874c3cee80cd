//! Cells for parties of graphs: many on this thread, which go on until nothing moves whenever somebody looks.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use capnp::private::capability::ClientHook;
use futures::executor::{LocalPool, LocalSpawner};
use futures::task::LocalSpawnExt;
use tokio::runtime::Builder;
use ww_cell::fs::{FsConfig, Union};
use ww_cell::pipe::{PipeReader, pipe};
use ww_cell::stdio::{Input, Output, Stdio};
use ww_cell::{CellConfig, CellLimits, Closer, Engine, EngineConfig, Exit, Program};
use ww_player::now;
use ww_tests::binary;

/// Bytes that a guest may print: what it says when it panics.
const OUTPUT: usize = 4096;

/// The cells of one graph.
pub(crate) struct Cells {
    pool: RefCell<LocalPool>,
    spawner: LocalSpawner,
}

/// A guest in one of them.
pub(crate) struct Guest {
    /// What it serves.
    pub bootstrap: Box<dyn ClientHook>,
    pub closer: Closer,
    /// How often it has had the chance to do something.
    pub turns: Rc<Cell<u64>>,
    exit: Rc<RefCell<Option<Exit>>>,
    output: PipeReader,
}

impl Cells {
    pub(crate) fn new() -> Rc<Self> {
        let pool = LocalPool::new();
        let spawner = pool.spawner();
        Rc::new(Self { pool: RefCell::new(pool), spawner })
    }

    /// Lets all of them go on until each waits for something that only others can do.
    pub(crate) fn settle(&self) {
        self.pool.borrow_mut().run_until_stalled();
    }

    /// Starts the guest in a new cell, and waits until it serves something.
    pub(crate) fn start(&self, membrane: Box<dyn ClientHook>) -> Guest {
        let (writer, output) = pipe(OUTPUT);
        let config = CellConfig {
            name: "player".into(),
            args: Vec::new(),
            env: Vec::new(),
            stdio: Stdio { stdin: Input::empty(), stdout: Output::pipe(writer.clone()), stderr: Output::pipe(writer) },
            files: FsConfig::new(Arc::new(Union::new(Vec::new()).expect("fewer than the limit"))),
            membrane,
            limits: CellLimits::default(),
            afterwards: None,
        };
        let cell = ww_cell::Cell::new(program(), config).expect("make a cell");
        let (closer, bootstrap) = (cell.closer(), cell.bootstrap());
        let (turns, exit) = (Rc::new(Cell::new(0)), Rc::new(RefCell::new(None)));
        let (counted, ended, mut run) = (turns.clone(), exit.clone(), Box::pin(cell.run()));
        let run = poll_fn(move |context| {
            counted.set(counted.get() + 1);
            run.as_mut().poll(context).map(|exit| drop(ended.replace(Some(exit))))
        });
        self.spawner.spawn_local(run).expect("the pool is there");
        self.settle();
        let resolved = bootstrap.when_more_resolved().and_then(now);
        let bootstrap = resolved.expect("the guest serves something").expect("it has not ended");
        Guest { bootstrap, closer, turns, exit, output }
    }
}

impl Guest {
    /// What has become of it, to be read.
    pub(crate) fn story(&self) -> String {
        let said = now(Box::pin(self.output.read(OUTPUT))).unwrap_or_default();
        format!("it has ended as {:?}, and said {:?}", self.exit.borrow(), String::from_utf8_lossy(&said))
    }
}

/// The guest as a program, compiled once.
fn program() -> &'static Program {
    static PROGRAM: OnceLock<Program> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let component: PathBuf =
            binary::guest("tests/guests/player").remove("player").expect("the guest has a binary of that name");
        let bytes = std::fs::read(component).expect("read the guest's component");
        let runtime = Builder::new_current_thread().enable_all().build().expect("start a runtime");
        let engine = Engine::new(&EngineConfig::default()).expect("set up the engine");
        runtime.block_on(engine.program(&bytes)).expect("compile the guest's component")
    })
}
