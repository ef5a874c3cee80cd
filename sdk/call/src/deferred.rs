//! A capability that is still to come.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use capnp::Error;
use capnp::capability::Promise;
use capnp::private::capability::{ClientHook, PipelineOp};

use crate::broken::broken_client;
use crate::foreign::settle;
use crate::limits::MAX_PIPELINE_DEPTH;
use crate::message::Message;
use crate::pending::{EarlyPipeline, Pending, PendingCall};
use crate::proxy::Proxy;
use crate::queue::Queue;
use crate::target::{Answer, Call, Target};

/// A promise of a capability. Calls on it are held back and, when it is there, made in order, before anybody learns
/// that it is.
pub struct Deferred {
    state: RefCell<State>,
    /// How many promises it hangs on, itself included.
    depth: u32,
    /// How many promises have turned out to be one another, and at last this one.
    row: Cell<u32>,
}

/// The promise that calls on a target wait for.
pub struct Awaited(Rc<Deferred>);

enum State {
    Waiting {
        held: Queue<Held>,
        /// What the capability comes from. Whoever waits here drives it. Given up once it has ended: its answer may hold
        /// more than this capability.
        source: Rc<PendingCall>,
    },
    Settled(Box<dyn ClientHook>, Rc<dyn Target>),
}

impl Deferred {
    /// A client of the capability that `future` will return.
    pub fn client_of(
        future: impl Future<Output = capnp::Result<Box<dyn ClientHook>>> + 'static,
    ) -> Box<dyn ClientHook> {
        let call = PendingCall::new(Pending::new(async move {
            let hook = future.await?;
            let mut message = Message::new();
            message.builder()?.set_as_capability(hook);
            Ok(message)
        }));
        call.pipelined(&[])
    }

    /// A promise of a capability in the answer of `source`, which resolves it.
    pub(crate) fn on(source: Rc<PendingCall>) -> Rc<Self> {
        let depth = source.depth() + 1;
        let state = RefCell::new(State::Waiting { held: Queue::default(), source });
        Rc::new(Self { state, depth, row: Cell::new(0) })
    }

    pub(crate) fn client(self: Rc<Self>) -> Box<dyn ClientHook> {
        Proxy::hook(Rc::new(Promised(self)))
    }

    /// Makes the calls that were held back, in order, also those that are made meanwhile, and is settled then.
    pub(crate) fn resolve(self: &Rc<Self>, resolution: capnp::Result<Box<dyn ClientHook>>) {
        let (hook, target) = self.end_of(resolution.unwrap_or_else(broken_client));
        loop {
            let next = match &mut *self.state.borrow_mut() {
                State::Waiting { held, .. } => held.pop(),
                State::Settled(..) => return,
            };
            match next {
                Some(held) => held.make(&*target),
                None => break,
            }
        }
        let waiting = self.state.replace(State::Settled(hook, target));
        // Dropped when nothing is borrowed any more: it may be the last reference to anything.
        drop(waiting);
    }

    /// What `hook` has turned out to be.
    fn end_of(&self, hook: Box<dyn ClientHook>) -> (Box<dyn ClientHook>, Rc<dyn Target>) {
        let (hook, target) = settle(hook);
        match target.awaits().map(|Awaited(next)| self.is_followed_by(&next)) {
            Some(Err(error)) => settle(broken_client(error)),
            _ => (hook, target),
        }
    }

    /// This promise turns out to be `next`, of which nothing is known yet.
    ///
    /// # Errors
    /// Where it comes back to itself: it would be followed for ever. And where the row of promises gets too long: each is
    /// kept by the one before, and dropped on top of its stack.
    fn is_followed_by(&self, next: &Self) -> capnp::Result<()> {
        if std::ptr::eq(self, next) {
            return Err(Error::failed("a promise resolved to itself".into()));
        }
        let row = next.row.get().max(self.row.get() + 1);
        if row > MAX_PIPELINE_DEPTH {
            let text = format!("{row} promises turned out to be one another, the limit is {MAX_PIPELINE_DEPTH}");
            return Err(Error::overloaded(text));
        }
        next.row.set(row);
        Ok(())
    }

    fn identity(&self) -> usize {
        std::ptr::from_ref(self).cast::<()>() as usize
    }

    fn settled(&self) -> Option<Box<dyn ClientHook>> {
        match &*self.state.borrow() {
            State::Waiting { .. } => None,
            State::Settled(hook, _) => Some(hook.add_ref()),
        }
    }

    fn source(&self) -> Option<Rc<PendingCall>> {
        match &*self.state.borrow() {
            State::Waiting { source, .. } => Some(source.clone()),
            State::Settled(..) => None,
        }
    }

    /// Keeps a call until there is something to make it on.
    fn hold(self: &Rc<Self>, call: Call, held: &mut Queue<Held>) -> Answer {
        if self.depth > MAX_PIPELINE_DEPTH {
            return Answer::Failed(Error::overloaded(format!(
                "call refused: it hangs on {} promises, the limit is {MAX_PIPELINE_DEPTH}",
                self.depth
            )));
        }
        let entry = Rc::new(Held(RefCell::new(Stage::Held { call, waker: None })));
        held.push(entry.clone());
        let answer = Holding { held: entry.clone(), promise: self.clone() };
        Answer::Pending(Pending::new(answer).with_early(entry).with_depth(self.depth))
    }
}

/// A reference to a promise.
struct Promised(Rc<Deferred>);

impl Target for Promised {
    fn call(&self, call: Call) -> Answer {
        let mut target = match &mut *self.0.state.borrow_mut() {
            State::Waiting { held, .. } => return self.0.hold(call, held),
            State::Settled(_, target) => target.clone(),
        };
        // It may have been a promise too. A long row of them is walked here, not on the stack.
        if let Some(resolved) = target.resolved() {
            let (hook, end) = settle(resolved);
            target = end.clone();
            let shorter = self.0.state.replace(State::Settled(hook, end));
            drop(shorter);
        }
        target.call(call)
    }

    fn resolved(&self) -> Option<Box<dyn ClientHook>> {
        self.0.settled()
    }

    fn when_resolved(&self) -> Option<Promise<Box<dyn ClientHook>, Error>> {
        let Some(source) = self.0.source() else {
            return self.0.settled().map(Promise::ok);
        };
        let promise = self.0.clone();
        Some(Promise::from_future(async move {
            source.answer().await?;
            promise.settled().ok_or_else(|| Error::failed("a promise was not kept".into()))
        }))
    }

    fn awaits(&self) -> Option<Awaited> {
        match &*self.0.state.borrow() {
            State::Waiting { .. } => Some(Awaited(self.0.clone())),
            State::Settled(_, target) => target.awaits(),
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn identity(self: Rc<Self>) -> usize {
        self.0.identity()
    }
}

/// A call that is held back until its target is there.
struct Held(RefCell<Stage>);

enum Stage {
    Held {
        call: Call,
        waker: Option<Waker>,
    },
    /// Its target is being called. Whoever that calls in turn may look after this call, or give it up.
    Making {
        waker: Option<Waker>,
    },
    Made(Answer),
    /// Its answer was taken, or nobody wants it any more.
    Over,
}

impl Held {
    fn is_over(&self) -> bool {
        matches!(*self.0.borrow(), Stage::Over)
    }

    fn make(&self, target: &dyn Target) {
        let call = match self.0.replace(Stage::Over) {
            Stage::Held { call, waker } => {
                self.0.replace(Stage::Making { waker });
                call
            }
            // It was given up.
            _ => return,
        };
        let answer = target.call(call);
        match self.0.replace(Stage::Over) {
            Stage::Making { waker } => {
                self.0.replace(Stage::Made(answer));
                if let Some(waker) = waker {
                    waker.wake();
                }
            }
            // It was given up while it was made: its answer is dropped, which cancels it.
            _ => drop(answer),
        }
    }
}

impl EarlyPipeline for Held {
    fn cap(&self, ops: &[PipelineOp]) -> Option<Box<dyn ClientHook>> {
        match &*self.0.borrow() {
            Stage::Made(Answer::Pending(pending)) => pending.early_cap(ops),
            _ => None,
        }
    }

    fn ends_with_the_answer(&self) -> bool {
        match &*self.0.borrow() {
            Stage::Made(Answer::Pending(pending)) => pending.ends_with_the_answer(),
            _ => false,
        }
    }
}

/// The answer to a call that is held back. Dropping it cancels the call, made or not.
struct Holding {
    held: Rc<Held>,
    promise: Rc<Deferred>,
}

impl Future for Holding {
    type Output = capnp::Result<Message>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(source) = self.promise.source() {
            // Its end makes the call, from inside this poll.
            let _ = source.poll(context);
        }
        match self.held.0.replace(Stage::Over) {
            Stage::Held { call, .. } => {
                self.held.0.replace(Stage::Held { call, waker: Some(context.waker().clone()) });
                Poll::Pending
            }
            Stage::Making { .. } => {
                self.held.0.replace(Stage::Making { waker: Some(context.waker().clone()) });
                Poll::Pending
            }
            Stage::Made(Answer::Done(message)) => Poll::Ready(Ok(message)),
            Stage::Made(Answer::Failed(error)) => Poll::Ready(Err(error)),
            Stage::Made(Answer::Pending(mut pending)) => {
                let poll = pending.poll(context);
                if poll.is_pending() {
                    self.held.0.replace(Stage::Made(Answer::Pending(pending)));
                }
                poll
            }
            Stage::Over => Poll::Ready(Err(Error::failed("the call is over".into()))),
        }
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        let stage = self.held.0.replace(Stage::Over);
        if matches!(stage, Stage::Held { .. })
            && let State::Waiting { held, .. } = &mut *self.promise.state.borrow_mut()
        {
            held.given_up(Held::is_over);
        }
        drop(stage);
    }
}
