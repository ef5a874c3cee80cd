//! A node without a network, and guests on it that graft from it, call it, and are called: `tests/guests/bench`.

use std::cell::Cell as StdCell;
use std::future::pending;
use std::rc::Rc;
use std::sync::Arc;

use capnp::Error;
use capnp::capability::FromClientHook;
use futures::future::join_all;
use membrane::{Authority, Grants, Membrane, Registry, Worker};
use tokio::task::JoinHandle;
use ww_call::new_client;
use ww_cell::fs::{FsConfig, Tree, Union};
use ww_cell::pipe::pipe;
use ww_cell::stdio::{Input, Output, Stdio};
use ww_cell::{Cell, CellConfig, CellLimits, Closer, Exit, Program};
use ww_tests::guest::Guest as Component;

use crate::bench_capnp::{echo, probe};

static COMPONENT: Component = Component::new("tests/guests/bench", "bench-guest");

/// The name of what guests graft; they know it.
const NAME: &str = "echo";

/// Bytes of a guest's output; it has nothing to say.
const OUTPUT: usize = 4096;

/// What all cells of a test share.
pub(crate) struct Node {
    pub(crate) worker: Rc<Worker>,
    pub(crate) counts: Rc<Counts>,
    program: Program,
    registry: Rc<Registry>,
    image: Arc<dyn Tree>,
}

/// What guests have called.
#[derive(Default)]
pub(crate) struct Counts {
    /// Calls that were answered.
    pub(crate) answered: StdCell<u64>,
    /// Calls that will never be, as long as somebody waits for them.
    pub(crate) held: StdCell<u32>,
}

impl Node {
    pub(crate) async fn start() -> Self {
        let worker = Worker::new(&Authority::new(0));
        tokio::task::spawn_local(worker.clone().run());
        let counts = Rc::new(Counts::default());
        let echo: echo::Client = new_client(Echo(counts.clone()));
        let mut registry = Registry::new();
        registry.register(NAME.parse().expect("a name"), echo).expect("the only one");
        let image = Arc::new(Union::new(Vec::new()).expect("fewer layers than the limit"));
        Self { worker, counts, program: COMPONENT.program().await, registry: Rc::new(registry), image }
    }

    /// A cell that does not run yet.
    pub(crate) fn cell(&self, arguments: &[&str]) -> Cell {
        let membrane = Membrane::client(self.registry.clone(), Grants::all(), self.worker.clone(), "soak".into());
        let output = Output::pipe(pipe(OUTPUT).0);
        let config = CellConfig {
            name: "soak".into(),
            args: arguments.iter().map(|&it| it.to_owned()).collect(),
            env: Vec::new(),
            stdio: Stdio { stdin: Input::empty(), stdout: output.clone(), stderr: output },
            files: FsConfig::new(self.image.clone()),
            membrane: membrane.into_client_hook(),
            limits: CellLimits::default(),
            afterwards: None,
        };
        Cell::new(&self.program, config).expect("make a cell")
    }

    /// A guest that has grafted, and was called.
    pub(crate) async fn guest(&self) -> Guest {
        let guest = Guest::start(self.cell(&[]));
        guest.answers().await.expect("it is there");
        guest
    }

    /// Guests that have grafted, were called, and wait.
    pub(crate) async fn guests(&self, count: u32) -> Vec<Guest> {
        join_all((0..count).map(|_| self.guest())).await
    }
}

/// What guests graft.
struct Echo(Rc<Counts>);

impl echo::Server for Echo {
    async fn echo(self: Rc<Self>, params: echo::EchoParams, mut results: echo::EchoResults) -> Result<(), Error> {
        self.0.answered.set(self.0.answered.get() + 1);
        results.get().set_data(params.get()?.get_data()?);
        Ok(())
    }

    async fn never(self: Rc<Self>, _: echo::NeverParams, _: echo::NeverResults) -> Result<(), Error> {
        let _held = Held::new(&self.0);
        pending().await
    }
}

/// One that is not answered.
struct Held(Rc<Counts>);

impl Held {
    fn new(counts: &Rc<Counts>) -> Self {
        counts.held.set(counts.held.get() + 1);
        Self(counts.clone())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.held.set(self.0.held.get() - 1);
    }
}

/// A guest that runs.
pub(crate) struct Guest {
    pub(crate) probe: probe::Client,
    closer: Closer,
    run: JoinHandle<Exit>,
}

impl Guest {
    pub(crate) fn start(cell: Cell) -> Self {
        let (probe, closer) = (FromClientHook::new(cell.bootstrap()), cell.closer());
        Self { probe, closer, run: tokio::task::spawn_local(cell.run()) }
    }

    /// Calls it, and an object of its own that it answers with.
    pub(crate) async fn answers(&self) -> capnp::Result<()> {
        let echo = self.probe.echo_request().send().pipeline.get_echo();
        let mut request = echo.echo_request();
        request.get().set_data(b"hello");
        let response = request.send().promise.await?;
        assert_eq!(response.get()?.get_data()?, b"hello");
        Ok(())
    }

    /// Has it make calls that will never be answered; how many of them have failed as `disconnected` when it says so.
    pub(crate) fn holds(&self, calls: u32) -> impl Future<Output = capnp::Result<u32>> + use<> {
        let mut request = self.probe.hold_request();
        request.get().set_calls(calls);
        let promise = request.send().promise;
        async { Ok(promise.await?.get()?.get_failed()) }
    }

    /// Ends its connection.
    pub(crate) fn close(&self) {
        self.closer.close(Error::disconnected("the test has seen enough".into()));
    }

    /// Stops it where it is, whatever it does.
    pub(crate) async fn kill(self) {
        self.run.abort();
        let ended = self.run.await;
        assert!(ended.as_ref().is_err_and(|error| error.is_cancelled()), "it has ended before: {ended:?}");
    }

    /// Waits for its own end.
    pub(crate) async fn end(self) -> Exit {
        self.run.await.expect("the guest's task")
    }
}
