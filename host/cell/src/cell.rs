//! One running guest.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use capnp::private::capability::ClientHook;
use wasmtime::{Store, UpdateDeadline};
use wasmtime_wasi::WasiCtxBuilder;

use crate::calls::{Answers, Calls};
use crate::error::CellError;
use crate::exit::Exit;
use crate::fs::{FsConfig, FsCtx};
use crate::limiter::Limiter;
use crate::limits::{self, CellLimits};
use crate::look;
use crate::meter::Meter;
use crate::program::Program;
use crate::state::CellState;
use crate::stdio::Stdio;
use crate::turn::Turn;

/// What a cell is started with. There is nothing else that it can reach.
pub struct CellConfig {
    /// The name that it has in messages, and as the program's own name, its first argument.
    pub name: String,
    /// The arguments after the program's name.
    pub args: Vec<String>,
    /// The environment: all of it.
    pub env: Vec<(String, String)>,
    /// The standard streams.
    pub stdio: Stdio,
    /// The file tree.
    pub files: FsConfig,
    /// The capability that the guest starts with: its Membrane.
    pub membrane: Box<dyn ClientHook>,
    /// What it may use.
    pub limits: CellLimits,
    /// What calls of what it serves fail with once it has ended, in somebody else's words.
    pub afterwards: Option<Afterwards>,
}

/// Hears how a cell has ended, before anybody else does, and says what calls of what it served fail with.
pub type Afterwards = Box<dyn FnOnce(&Exit) -> String>;

/// One running guest. Dropping it ends the guest at once, also one that computes without pause.
pub struct Cell {
    limits: CellLimits,
    turn: Turn,
    run: Pin<Box<dyn Future<Output = Ended>>>,
    afterwards: Option<Afterwards>,
    connection: Connection,
}

/// A guest that is over: how it ended, and all that it had.
struct Ended {
    exit: Exit,
    store: Store<CellState>,
}

impl Cell {
    /// Makes a cell. It runs while [`Cell::run`] is polled, on this thread.
    ///
    /// # Errors
    /// Where its files cannot be set up.
    pub fn new(program: &Program, config: CellConfig) -> Result<Self, CellError> {
        let limits = config.limits;
        let calls = Calls::new(config.membrane, Answers::of(&limits));
        let mut wasi = WasiCtxBuilder::new();
        wasi.arg(&config.name)
            .args(&config.args)
            .envs(&config.env)
            .stdin(config.stdio.stdin)
            .stdout(config.stdio.stdout)
            .stderr(config.stdio.stderr)
            .max_random_size(limits::RANDOM_BYTES);
        let files = FsCtx::new(config.files);
        let state = CellState::new(wasi.build(), files, Limiter::new(limits.memory), calls.clone());
        let turn = Turn::new();
        let run = Box::pin(run(program.clone(), state, turn.clone()));
        Ok(Self { limits, turn, run, afterwards: config.afterwards, connection: Connection(calls) })
    }

    /// What the guest serves. Calls on it fail as `unimplemented` until the guest serves something.
    pub fn bootstrap(&self) -> Box<dyn ClientHook> {
        self.connection.0.bootstrap()
    }

    /// Ends the cell's connection while it runs.
    pub fn closer(&self) -> Closer {
        Closer(self.connection.0.clone())
    }

    /// Runs the guest to its end, together with the calls that it has pending.
    pub async fn run(self) -> Exit {
        let Self { limits, turn, afterwards, connection, mut run } = self;
        let calls = &*connection.0;
        let mut meter = Meter::new(&limits);
        let ended = std::future::poll_fn(|context| {
            let goes_on = look::in_round(context, |context| {
                meter.count(|| {
                    let polled = run.as_mut().poll(context);
                    if polled.is_pending() {
                        calls.drive(context);
                    }
                    polled
                })
            });
            let Poll::Ready(polled) = goes_on else { return Poll::Pending };
            if polled.is_pending() {
                meter.stopped(turn.pause());
            }
            // A guest that went beyond a bound is not spared because it was quick to end.
            match calls.limit_reached().or_else(|| if polled.is_pending() { meter.reached(context) } else { None }) {
                Some(limit) => Poll::Ready((Exit::Limit(limit), polled.map(|ended| ended.store))),
                None => polled.map(|ended| (ended.exit, Poll::Ready(ended.store))),
            }
        });
        let (exit, store) = ended.await;
        let why = match afterwards {
            Some(afterwards) => afterwards(&exit),
            None if store.is_ready() => "the guest has ended".to_owned(),
            None => STOPPED.to_owned(),
        };
        // A guest that a limit ended is still there: this is its end.
        in_another_round(|| connection.close(&why)).await;
        in_another_round(move || drop((run, store))).await;
        exit
    }
}

/// Looks after a cell's connection, and ends it.
#[derive(Clone)]
pub struct Closer(Rc<Calls>);

/// What a cell and the host have of each other's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holdings {
    /// Objects of the host's that the guest holds, its Membrane included.
    pub lent: usize,
    /// Objects of the guest's that the host holds, what the guest serves included where somebody holds that.
    pub received: usize,
    /// Calls of the guest's whose end it does not know.
    pub calls: usize,
    /// Calls into the guest that it has not answered, and those whose cancellation it does not know.
    pub asked: usize,
}

impl Closer {
    /// Tells the guest that its connection is over, and why; its calls fail from now on. The guest goes on.
    pub fn close(&self, reason: capnp::Error) {
        self.0.close(reason);
    }

    /// What the guest and the host have of each other's now, as far as the guest has said what it gives back.
    pub fn holdings(&self) -> Holdings {
        self.0.holdings()
    }
}

/// What those are told whose guest did not end by itself.
const STOPPED: &str = "the guest was stopped";

/// A guest's connection. It is closed with the guest, also with one that is dropped while it runs, or before.
struct Connection(Rc<Calls>);

impl Connection {
    fn close(&self, why: &str) {
        self.0.close(capnp::Error::disconnected(why.into()));
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.close(STOPPED);
    }
}

/// Lets go of what a cell has left, which takes as long as that is much: in another round of the thread, where the cell has
/// had a tick of this one.
async fn in_another_round(let_go: impl FnOnce()) {
    if look::has_computed() {
        tokio::task::yield_now().await;
    }
    let mut let_go = Some(let_go);
    std::future::poll_fn(|context| look::in_round(context, |_| let_go.take().map_or((), |let_go| let_go()))).await;
}

async fn run(program: Program, state: CellState, turn: Turn) -> Ended {
    let mut store = Store::new(program.engine().wasmtime(), state);
    store.limiter(CellState::limiter);
    store.set_hostcall_fuel(limits::HOST_CALL_BYTES);
    store.set_max_component_handles(limits::RESOURCES);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(move |_| {
        // The deadline of a guest that waited has passed meanwhile.
        let over = look::has_computed();
        Ok(if over {
            UpdateDeadline::YieldCustom(1, Box::pin(turn.clone().next()))
        } else {
            UpdateDeadline::Continue(1)
        })
    });
    let exit = match program.command().instantiate_async(&mut store).await {
        Ok(command) => {
            let result = command.wasi_cli_run().call_run(&mut store).await;
            Exit::of(result, store.data().refused())
        }
        Err(error) => Exit::of_start(error, store.data().refused()),
    };
    Ended { exit, store }
}
