//! Answers that come later.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use capnp::Error;
use capnp::private::capability::{ClientHook, PipelineOp};

use crate::deferred::Deferred;
use crate::dispatch::shield;
use crate::limits::NESTING;
use crate::message::Message;

/// Knows capabilities of an answer before the answer is there.
pub trait EarlyPipeline {
    /// The capability at a place in the answer; `None` where it is not known yet, and the caller holds calls back.
    fn cap(&self, ops: &[PipelineOp]) -> Option<Box<dyn ClientHook>>;

    /// Whether it must not be asked any more once the answer is there, whether or not anybody has looked at that yet.
    fn ends_with_the_answer(&self) -> bool {
        false
    }
}

type AnswerFuture = Pin<Box<dyn Future<Output = capnp::Result<Message>>>>;

/// A call whose answer comes later. Dropping it cancels the call.
pub struct Pending {
    future: AnswerFuture,
    early: Option<Rc<dyn EarlyPipeline>>,
    depth: u32,
}

impl Pending {
    /// A call that ends when `future` does.
    pub fn new(future: impl Future<Output = capnp::Result<Message>> + 'static) -> Self {
        Self { future: Box::pin(future), early: None, depth: 0 }
    }

    /// Adds what knows capabilities of the answer before the answer is there.
    #[must_use]
    pub fn with_early(mut self, early: Rc<dyn EarlyPipeline>) -> Self {
        self.early = Some(early);
        self
    }

    /// Says on how many promises the call hangs, see [`MAX_PIPELINE_DEPTH`](crate::limits::MAX_PIPELINE_DEPTH).
    #[must_use]
    pub fn with_depth(mut self, depth: u32) -> Self {
        self.depth = depth;
        self
    }

    /// On how many promises the call hangs.
    pub fn depth(&self) -> u32 {
        self.depth
    }

    /// The two halves, for a layer that wraps both. It passes on [`Pending::depth`], too.
    pub fn into_parts(self) -> (AnswerFuture, Option<Rc<dyn EarlyPipeline>>) {
        (self.future, self.early)
    }

    /// Polls the answer. A panic of whoever works on it is its error.
    pub fn poll(&mut self, context: &mut Context<'_>) -> Poll<capnp::Result<Message>> {
        shield(|| self.future.as_mut().poll(context)).unwrap_or_else(|panicked| Poll::Ready(Err(panicked)))
    }

    /// The capability at a place in the answer, where it is known already.
    pub fn early_cap(&self, ops: &[PipelineOp]) -> Option<Box<dyn ClientHook>> {
        self.early.as_ref()?.cap(ops)
    }

    /// As [`EarlyPipeline::ends_with_the_answer`].
    pub(crate) fn ends_with_the_answer(&self) -> bool {
        self.early.as_ref().is_some_and(|early| early.ends_with_the_answer())
    }
}

/// A pending call that several hold: its promise, and what was pipelined on it. It is cancelled when the last one lets
/// go, and goes on when any of them polls it.
pub struct PendingCall {
    stage: RefCell<Stage>,
    wakers: Arc<Wakers>,
    pipelined: RefCell<Vec<Pipelined>>,
    depth: u32,
}

enum Stage {
    Waiting(Pending),
    /// Somebody is polling it right now.
    Polling,
    Ended(capnp::Result<Rc<Message>>),
}

struct Pipelined {
    path: Vec<u16>,
    cap: Weak<Deferred>,
}

impl PendingCall {
    /// Shares a pending call.
    pub fn new(pending: Pending) -> Rc<Self> {
        Rc::new(Self {
            depth: pending.depth,
            stage: RefCell::new(Stage::Waiting(pending)),
            wakers: Arc::default(),
            pipelined: RefCell::default(),
        })
    }

    pub(crate) fn depth(&self) -> u32 {
        self.depth
    }

    /// Polls the call. When it has ended, calls that were pipelined on it are made before anybody sees the answer, so
    /// that a call on what the answer holds cannot overtake them.
    pub fn poll(&self, context: &mut Context<'_>) -> Poll<capnp::Result<Rc<Message>>> {
        if let Stage::Ended(outcome) = &*self.stage.borrow() {
            return Poll::Ready(outcome.clone());
        }
        let waker = self.wakers.add(context.waker());
        let mut pending = match self.stage.replace(Stage::Polling) {
            Stage::Waiting(pending) => pending,
            other => {
                // Polled from inside its own poll: whoever does that is woken when it ends.
                self.stage.replace(other);
                return Poll::Pending;
            }
        };
        match pending.poll(&mut Context::from_waker(&waker)) {
            Poll::Pending => {
                self.resolve_early(&pending);
                self.stage.replace(Stage::Waiting(pending));
                Poll::Pending
            }
            Poll::Ready(result) => {
                drop(pending);
                let outcome = result.map(Rc::new);
                self.resolve_all(&outcome);
                self.stage.replace(Stage::Ended(outcome.clone()));
                // The calls that were just made may have asked for more.
                self.resolve_all(&outcome);
                self.wakers.wake_all();
                Poll::Ready(outcome)
            }
        }
    }

    /// The answer. Dropping the future lets go of the call.
    pub fn answer(self: Rc<Self>) -> impl Future<Output = capnp::Result<Rc<Message>>> {
        std::future::poll_fn(move |context| self.poll(context))
    }

    /// The capability at a place in the answer: itself where it is known, otherwise a promise of it. Two promises of one
    /// place are the same object. Nothing is at a place that is deeper than a message can nest, and nothing is kept for it.
    pub fn pipelined(self: &Rc<Self>, ops: &[PipelineOp]) -> Box<dyn ClientHook> {
        if ops.len() > NESTING as usize {
            return crate::broken_client(Error::failed(format!(
                "a path of {} pointers leads to no capability, the limit is {NESTING}",
                ops.len()
            )));
        }
        if self.may_have_ended() {
            // Whoever looks is not to be woken, and finds the answer below.
            let _ = self.poll(&mut Context::from_waker(Waker::noop()));
        }
        match &*self.stage.borrow() {
            Stage::Ended(Ok(message)) => return message.cap_at(ops),
            Stage::Ended(Err(error)) => return crate::broken_client(error.clone()),
            Stage::Waiting(_) | Stage::Polling => {}
        }
        let path = path_of(ops);
        let mut pipelined = self.pipelined.borrow_mut();
        pipelined.retain(|entry| entry.cap.strong_count() > 0);
        // Before anything that is known by now: calls that are held back must not be overtaken.
        if let Some(cap) = pipelined.iter().find(|entry| entry.path == path).and_then(|entry| entry.cap.upgrade()) {
            return cap.client();
        }
        if let Stage::Waiting(pending) = &*self.stage.borrow()
            && let Some(cap) = pending.early_cap(ops)
        {
            return cap;
        }
        let cap = Deferred::on(self.clone());
        pipelined.push(Pipelined { path, cap: Rc::downgrade(&cap) });
        cap.client()
    }

    /// Whether the answer has to be looked for before anything is asked that knows it early.
    fn may_have_ended(&self) -> bool {
        match &*self.stage.borrow() {
            Stage::Waiting(pending) => pending.ends_with_the_answer(),
            Stage::Polling | Stage::Ended(_) => false,
        }
    }

    fn resolve_early(&self, pending: &Pending) {
        if pending.early.is_none() {
            return;
        }
        for (ops, cap) in self.waiting() {
            if let Some(hook) = pending.early_cap(&ops) {
                cap.resolve(Ok(hook));
            }
        }
    }

    fn resolve_all(&self, outcome: &capnp::Result<Rc<Message>>) {
        for (ops, cap) in self.waiting() {
            cap.resolve(match outcome {
                Ok(message) => Ok(message.cap_at(&ops)),
                Err(error) => Err(error.clone()),
            });
        }
    }

    /// What is pipelined and alive, in the order in which it was asked for.
    fn waiting(&self) -> Vec<(Vec<PipelineOp>, Rc<Deferred>)> {
        let pipelined = self.pipelined.borrow();
        pipelined.iter().filter_map(|entry| Some((ops_of(&entry.path), entry.cap.upgrade()?))).collect()
    }
}

/// The pointers of a path, without the operations that do nothing.
pub fn path_of(ops: &[PipelineOp]) -> Vec<u16> {
    ops.iter()
        .filter_map(|op| match op {
            PipelineOp::Noop => None,
            PipelineOp::GetPointerField(index) => Some(*index),
        })
        .collect()
}

/// The operations that follow a path.
pub fn ops_of(path: &[u16]) -> Vec<PipelineOp> {
    path.iter().map(|index| PipelineOp::GetPointerField(*index)).collect()
}

/// All that wait for one call.
///
/// Nearly always there is one, whose waker is used as it is; with the second one, a waker of our own wakes all of them.
#[derive(Default)]
struct Wakers(Mutex<Vec<Waker>>);

impl Wakers {
    fn add(self: &Arc<Self>, waker: &Waker) -> Waker {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever polls in place, to see whether the answer is there, is not to be woken.
        if all.is_empty() && waker.will_wake(Waker::noop()) {
            return waker.clone();
        }
        if !all.iter().any(|known| known.will_wake(waker)) {
            all.push(waker.clone());
        }
        if all.len() == 1 { waker.clone() } else { Waker::from(self.clone()) }
    }

    fn wake_all(&self) {
        let all = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for waker in all {
            waker.wake();
        }
    }
}

impl Wake for Wakers {
    fn wake(self: Arc<Self>) {
        self.wake_all();
    }
}
