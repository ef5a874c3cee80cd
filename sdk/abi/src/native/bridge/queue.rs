//! The turn of a node: what a plugin asks of it is done here, not on the plugin's stack.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

use capnp::Error;
use capnp::private::capability::{ClientHook, PipelineOp};
use futures::stream::{FuturesUnordered, Stream};
use ww_call::{Answer, Call, EarlyPipeline, Message, Pending, PendingCall, Target};

use super::border::Border;
use super::flight::Flight;
use super::pull::Pull;
use super::task::Running;

/// Bytes that the pending calls of one plugin hold at most: a bound in bytes only, since a plugin is trusted, and may have
/// many callers.
pub const HELD_BYTES: usize = 64 << 20;

/// What a pending call counts as, besides its parameters.
pub const CALL_BYTES: usize = 4 << 10;

/// What waits for this side's turn.
#[derive(Default)]
pub(super) struct Queue {
    fresh: RefCell<Vec<Work>>,
    /// Our own calls that became pending since the last turn.
    pending: RefCell<Vec<Weak<Pull>>>,
    /// What the other side has let go, to be dropped when nobody is in the middle of anything.
    buried: RefCell<Vec<Box<dyn Any>>>,
    held: Held,
    /// Calls of the other side's that were not made yet.
    unmade: Rc<Cell<usize>>,
    waker: RefCell<Option<Waker>>,
    closed: Cell<bool>,
}

/// Bytes that are held for pending calls of one direction.
#[derive(Default)]
pub(super) struct Held(Cell<usize>);

impl Held {
    /// Whether one more call can wait. The bytes that it then holds.
    ///
    /// # Errors
    /// `overloaded`, naming the limit.
    pub(super) fn room_for(&self, params: &Message) -> capnp::Result<usize> {
        let bytes = params.bytes() + CALL_BYTES;
        if self.0.get() + bytes > HELD_BYTES {
            let limit = HELD_BYTES >> 20;
            let text =
                format!("the calls that are pending at this border hold more than {limit} MiB, which is the limit");
            return Err(Error::overloaded(text));
        }
        Ok(bytes)
    }

    pub(super) fn take(&self, bytes: usize) {
        self.0.set(self.0.get() + bytes);
    }

    pub(super) fn give_back(&self, bytes: usize) {
        self.0.set(self.0.get().saturating_sub(bytes));
    }
}

impl Queue {
    /// Queues a call of the other side's.
    ///
    /// # Errors
    /// `overloaded` where too much is held already.
    pub(super) fn call(&self, border: &Rc<Border>, target: Rc<dyn Target>, call: Call) -> capnp::Result<Rc<Flight>> {
        let bytes = self.held.room_for(&call.params)?;
        self.held.take(bytes);
        self.unmade.set(self.unmade.get() + 1);
        let turn = Rc::new(Turn { stage: RefCell::new(Stage::Waiting(target, call)), unmade: self.unmade.clone() });
        let pending = Pending::new(Making(turn.clone())).with_early(turn);
        let flight = Flight::driven(border, PendingCall::new(pending), bytes);
        self.push(Work::Call(Rc::downgrade(&flight)));
        Ok(flight)
    }

    pub(super) fn held(&self) -> &Held {
        &self.held
    }

    /// Whether the other side's calls wait to be made.
    pub(super) fn is_behind(&self) -> bool {
        self.unmade.get() > 0
    }

    /// Hands over an answer of ours when all calls were made that the other side has made so far: what the answer holds
    /// may be an object of ours, and calls on it must not overtake those that went the long way.
    pub(super) fn deliver(&self, pull: &Rc<Pull>) {
        self.push(Work::Answer(Rc::downgrade(pull)));
    }

    /// Runs a task of the other side's.
    pub(super) fn spawn(&self, task: Running) {
        self.push(Work::Task(task));
    }

    /// Goes on with a call of ours, where nobody else does.
    pub(super) fn look_after(&self, pull: &Rc<Pull>) {
        self.pending.borrow_mut().push(Rc::downgrade(pull));
        self.wake();
    }

    /// Drops something when nobody is in the middle of anything.
    pub(super) fn bury(&self, what: Box<dyn Any>) {
        if self.closed.get() {
            return drop(what);
        }
        self.buried.borrow_mut().push(what);
        self.wake();
    }

    fn push(&self, work: Work) {
        if self.closed.get() {
            return drop(work);
        }
        self.fresh.borrow_mut().push(work);
        self.wake();
    }

    fn wake(&self) {
        let waker = self.waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Drops all that waits, and ends the run.
    pub(super) fn clear(&self) {
        self.closed.set(true);
        let (fresh, buried) = (self.fresh.take(), self.buried.take());
        self.pending.take();
        drop((fresh, buried));
        self.wake();
    }

    pub(super) async fn run(&self, border: &Border) {
        let mut working = FuturesUnordered::new();
        poll_fn(|context| {
            self.waker.replace(Some(context.waker().clone()));
            self.turn(&mut working, context);
            if border.closed().is_some() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    fn turn(&self, working: &mut FuturesUnordered<Work>, context: &mut Context<'_>) {
        while !self.closed.get() {
            let buried = self.buried.take();
            drop(buried);
            let adopted =
                self.pending.take().into_iter().filter(|pull| pull.upgrade().is_some_and(|pull| pull.adopt()));
            working.extend(adopted.map(Work::Pull));
            working.extend(self.fresh.take());
            if Pin::new(&mut *working).poll_next(context) != Poll::Ready(Some(())) && self.is_idle() {
                return;
            }
        }
    }

    fn is_idle(&self) -> bool {
        self.fresh.borrow().is_empty() && self.pending.borrow().is_empty() && self.buried.borrow().is_empty()
    }
}

/// One thing that goes on.
enum Work {
    /// A call of the other side's.
    Call(Weak<Flight>),
    /// A call of ours that nobody looks at.
    Pull(Weak<Pull>),
    /// An answer that waits for the calls before it.
    Answer(Weak<Pull>),
    /// A task of the other side's.
    Task(Running),
}

impl Future for Work {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        match &mut *self {
            Self::Call(flight) => flight.upgrade().map_or(Poll::Ready(()), |flight| flight.drive(context)),
            Self::Pull(pull) => pull.upgrade().map_or(Poll::Ready(()), |pull| pull.drive(context)),
            Self::Answer(pull) => {
                if let Some(pull) = pull.upgrade() {
                    pull.delivered();
                }
                Poll::Ready(())
            }
            Self::Task(task) => task.go_on(context),
        }
    }
}

/// A call that is made when its turn has come.
struct Turn {
    stage: RefCell<Stage>,
    unmade: Rc<Cell<usize>>,
}

impl Turn {
    /// It is made, or given up.
    fn leave_queue(&self) {
        self.unmade.set(self.unmade.get().saturating_sub(1));
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if matches!(self.stage.get_mut(), Stage::Waiting(..)) {
            self.leave_queue();
        }
    }
}

enum Stage {
    Waiting(Rc<dyn Target>, Call),
    Made(Pending),
    /// It is being made, or has ended.
    Over,
}

impl EarlyPipeline for Turn {
    fn cap(&self, ops: &[PipelineOp]) -> Option<Box<dyn ClientHook>> {
        match &*self.stage.borrow() {
            Stage::Made(pending) => pending.early_cap(ops),
            _ => None,
        }
    }
}

struct Making(Rc<Turn>);

impl Future for Making {
    type Output = capnp::Result<Message>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let stage = &self.0.stage;
        let mut pending = match stage.replace(Stage::Over) {
            Stage::Waiting(target, call) => {
                self.0.leave_queue();
                match target.call(call) {
                    Answer::Done(message) => return Poll::Ready(Ok(message)),
                    Answer::Failed(error) => return Poll::Ready(Err(error)),
                    Answer::Pending(pending) => pending,
                }
            }
            Stage::Made(pending) => pending,
            Stage::Over => return Poll::Ready(Err(Error::failed("the call is over".into()))),
        };
        let polled = pending.poll(context);
        if polled.is_pending() {
            stage.replace(Stage::Made(pending));
        }
        polled
    }
}
