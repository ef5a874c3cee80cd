//! A capability that is still to come.

use std::any::Any;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use capnp::Error;
use capnp::capability::Promise;
use capnp::private::capability::{ClientHook, PipelineOp};

use crate::broken::broken_client;
use crate::foreign::target;
use crate::message::Message;
use crate::pending::{EarlyPipeline, Pending, PendingCall};
use crate::proxy::Proxy;
use crate::target::{Answer, Call, Target};

/// A promise of a capability. Calls on it are held back and, when it is there, made in order, before anybody learns
/// that it is.
pub struct Deferred {
    state: RefCell<State>,
    /// What the capability comes from. Whoever waits here drives it.
    source: Rc<PendingCall>,
}

enum State {
    Waiting(VecDeque<Rc<Held>>),
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
        Rc::new(Self { state: RefCell::new(State::Waiting(VecDeque::new())), source })
    }

    pub(crate) fn client(self: Rc<Self>) -> Box<dyn ClientHook> {
        Proxy::hook(Rc::new(Promised(self)))
    }

    /// Makes the calls that were held back, in order, also those that are made meanwhile, and is settled then.
    pub(crate) fn resolve(&self, resolution: capnp::Result<Box<dyn ClientHook>>) {
        let hook = resolution.unwrap_or_else(broken_client);
        let target = target(hook.add_ref());
        loop {
            let next = match &mut *self.state.borrow_mut() {
                State::Waiting(held) => held.pop_front(),
                State::Settled(..) => return,
            };
            match next {
                Some(held) => held.make(&*target),
                None => break,
            }
        }
        self.state.replace(State::Settled(hook, target));
    }

    fn settled(&self) -> Option<Box<dyn ClientHook>> {
        match &*self.state.borrow() {
            State::Waiting(_) => None,
            State::Settled(hook, _) => Some(hook.add_ref()),
        }
    }
}

/// A reference to a promise.
struct Promised(Rc<Deferred>);

impl Target for Promised {
    fn call(&self, call: Call) -> Answer {
        let target = match &mut *self.0.state.borrow_mut() {
            State::Settled(_, target) => target.clone(),
            State::Waiting(queue) => {
                let held = Rc::new(Held(RefCell::new(Stage::Held { call, waker: None })));
                queue.push_back(held.clone());
                let answer = Holding { held: held.clone(), promise: self.0.clone() };
                return Answer::Pending(Pending::new(answer).with_early(held));
            }
        };
        target.call(call)
    }

    fn resolved(&self) -> Option<Box<dyn ClientHook>> {
        self.0.settled()
    }

    fn when_resolved(&self) -> Option<Promise<Box<dyn ClientHook>, Error>> {
        if let Some(hook) = self.0.settled() {
            return Some(Promise::ok(hook));
        }
        let promise = self.0.clone();
        Some(Promise::from_future(async move {
            promise.source.clone().answer().await?;
            promise.settled().ok_or_else(|| Error::failed("a promise was not kept".into()))
        }))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn identity(self: Rc<Self>) -> usize {
        Rc::as_ptr(&self.0).cast::<()>() as usize
    }
}

/// A call that is held back until its target is there.
struct Held(RefCell<Stage>);

enum Stage {
    Held {
        call: Call,
        waker: Option<Waker>,
    },
    Made(Answer),
    /// Its answer was taken, or nobody wants it any more.
    Over,
}

impl Held {
    fn make(&self, target: &dyn Target) {
        let Stage::Held { call, waker } = self.0.replace(Stage::Over) else { return };
        let answer = target.call(call);
        self.0.replace(Stage::Made(answer));
        if let Some(waker) = waker {
            waker.wake();
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
}

/// The answer to a call that is held back. Dropping it cancels the call, made or not.
struct Holding {
    held: Rc<Held>,
    promise: Rc<Deferred>,
}

impl Future for Holding {
    type Output = capnp::Result<Message>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if matches!(&*self.held.0.borrow(), Stage::Held { .. }) {
            // Its end makes the call, from inside this poll.
            let _ = self.promise.source.poll(context);
        }
        match self.held.0.replace(Stage::Over) {
            Stage::Held { call, .. } => {
                self.held.0.replace(Stage::Held { call, waker: Some(context.waker().clone()) });
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
        drop(stage);
    }
}
