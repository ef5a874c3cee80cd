//! A cell beside others on one thread: whether its calls go on, and how late its timers are.

use std::any::Any;
use std::cell::{Cell as StdCell, RefCell};
use std::fs::File;
use std::io::{Read, Seek};
use std::rc::Rc;
use std::time::{Duration, Instant};

use capnp::Error;
use tokio::task::JoinHandle;
use ww_call::{Answer, Call, Message, Pending, Proxy, Target};
use ww_cell::fs::FsConfig;
use ww_cell::pipe::pipe;
use ww_cell::stdio::{Input, Output, Stdio};
use ww_cell::{Cell, CellConfig, CellError, CellLimits, Closer, Exit, Program};

/// How long the neighbour waits before each call: `NAP` of `tests/guests/hostile`.
const NAP: Duration = Duration::from_millis(1);

/// Its methods, as the guest knows them.
const SLEEPS: u16 = 0;
const WAKES: u16 = 1;

/// A guest that waits and calls, in turns, for as long as this lives.
pub struct Neighbour {
    stopwatch: Rc<Stopwatch>,
    closer: Closer,
    run: JoinHandle<Exit>,
}

/// What a neighbour went through, a sample a turn.
#[derive(Debug, Default, Clone)]
pub struct Measured {
    /// From a call to its answer, which comes one turn of the thread later.
    pub calls: Vec<Duration>,
    /// How much later than asked for a timer was heard.
    pub late: Vec<Duration>,
    /// The same without the time in which the system ran something else instead of this thread.
    pub late_here: Vec<Duration>,
}

impl Neighbour {
    /// Starts a neighbour, on this thread: `program` is `tests/guests/hostile`.
    ///
    /// # Errors
    /// Where its cell cannot be made.
    pub fn start(program: &Program, files: FsConfig) -> Result<Self, CellError> {
        let stopwatch = Rc::new(Stopwatch::default());
        let output = Output::pipe(pipe(4096).0);
        let cell = Cell::new(
            program,
            CellConfig {
                name: "neighbour".into(),
                args: vec!["neighbour".into()],
                env: Vec::new(),
                stdio: Stdio { stdin: Input::empty(), stdout: output.clone(), stderr: output },
                files,
                membrane: Proxy::hook(stopwatch.clone()),
                limits: CellLimits::default(),
                afterwards: None,
            },
        )?;
        let closer = cell.closer();
        Ok(Self { stopwatch, closer, run: tokio::task::spawn_local(cell.run()) })
    }

    /// What it has gone through since it was started, or since this was asked last.
    pub fn measured(&self) -> Measured {
        self.stopwatch.measured.take()
    }

    /// Ends it, and says what it has gone through since [`Neighbour::measured`] was asked last.
    ///
    /// # Panics
    /// Where it has ended in another way than it should.
    pub async fn finish(self) -> Measured {
        self.closer.close(Error::disconnected("the test is over".into()));
        let exit = self.run.await.expect("the neighbour's task ends by itself");
        assert_eq!(exit, Exit::Code(0), "the neighbour itself");
        self.stopwatch.measured.take()
    }
}

/// What the neighbour calls: it takes the time.
#[derive(Default)]
struct Stopwatch {
    clock: Clock,
    slept: StdCell<Option<Moment>>,
    called: StdCell<Option<Moment>>,
    measured: RefCell<Measured>,
}

impl Target for Stopwatch {
    fn call(&self, call: Call) -> Answer {
        let now = self.clock.now();
        match call.method {
            SLEEPS => {
                if let Some(called) = self.called.take() {
                    self.measured.borrow_mut().calls.push(now.wall - called.wall);
                }
                self.slept.set(Some(now));
                Answer::Done(Message::new())
            }
            WAKES => {
                if let Some(slept) = self.slept.take() {
                    let late = (now.wall - slept.wall).saturating_sub(NAP);
                    let mut measured = self.measured.borrow_mut();
                    measured.late.push(late);
                    measured.late_here.push(late.saturating_sub(now.elsewhere.saturating_sub(slept.elsewhere)));
                }
                self.called.set(Some(now));
                Answer::Pending(Pending::new(async {
                    tokio::task::yield_now().await;
                    Ok(Message::new())
                }))
            }
            other => Answer::Failed(Error::unimplemented(format!("method {other} of a stopwatch"))),
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[derive(Clone, Copy)]
struct Moment {
    wall: Instant,
    /// How long this thread could have run and something else ran, since it was started.
    elsewhere: Duration,
}

/// The clock of the thread that made it.
struct Clock(Option<RefCell<File>>);

impl Default for Clock {
    fn default() -> Self {
        Self(File::open("/proc/thread-self/schedstat").ok().map(RefCell::new))
    }
}

impl Clock {
    fn now(&self) -> Moment {
        Moment { elsewhere: self.elsewhere().unwrap_or_default(), wall: Instant::now() }
    }

    /// The kernel counts it in nanoseconds, in the second field. One that does not count has always run this thread.
    fn elsewhere(&self) -> Option<Duration> {
        let mut file = self.0.as_ref()?.borrow_mut();
        let mut text = String::new();
        file.rewind().and_then(|()| file.read_to_string(&mut text)).ok()?;
        Some(Duration::from_nanos(text.split_whitespace().nth(1)?.parse().ok()?))
    }
}
