//! Runs a guest's futures: everything that is woken, until nothing moves; then it waits for the host.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::process::{ExitCode, Termination};
use std::rc::Rc;

use futures::executor::{LocalPool, LocalSpawner};
use futures::task::LocalSpawnExt;

use crate::connection::connection;
use crate::{exit, imports, stdin, time};

thread_local! {
    static SPAWNER: RefCell<Option<LocalSpawner>> = const { RefCell::new(None) };
    /// Tasks that were spawned before `run`.
    static EARLY: RefCell<Vec<Task>> = const { RefCell::new(Vec::new()) };
}

type Task = std::pin::Pin<Box<dyn Future<Output = ()>>>;

/// Runs `main` to its end and turns what it returns into the status of the program. What was [spawned](spawn) ends with
/// it.
///
/// An error goes to standard error, on one line, and gives the status 1.
pub fn run<T: Termination + 'static>(main: impl Future<Output = T> + 'static) -> ExitCode {
    let mut pool = LocalPool::new();
    SPAWNER.set(Some(pool.spawner()));
    for task in EARLY.take() {
        spawn(task);
    }
    let ended = Rc::new(Cell::new(None));
    let end = ended.clone();
    spawn(async move { end.set(Some(main.await)) });
    loop {
        pool.run_until_stalled();
        if let Some(outcome) = ended.take() {
            SPAWNER.set(None);
            return exit::report(outcome);
        }
        wait();
    }
}

/// Starts a task that goes on while others wait. It ends with the guest's `main`.
pub fn spawn(task: impl Future<Output = ()> + 'static) {
    let spawner = SPAWNER.with_borrow(Option::clone);
    match spawner {
        // It fails when the program is ending: the task would not run any more either.
        Some(spawner) => drop(spawner.spawn_local(task)),
        None => EARLY.with_borrow_mut(|early| early.push(Box::pin(task))),
    }
}

/// Waits until something happens: an event of the host's, the time of a timer, input.
fn wait() {
    let timeout = time::nanoseconds_to_next();
    if stdin::is_waited_for() {
        stdin::poll_with(&imports::readable(), timeout);
        connection().turn(0);
    } else {
        connection().turn(timeout);
    }
    time::fire();
}
