//! The wrapper around every capability that leaves the Membrane.

use std::any::Any;
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use capnp::Error;
use capnp::capability::Promise;
use capnp::private::capability::{ClientHook, PipelineOp};
use ww_call::foreign::settle;
use ww_call::{Answer, Call, Caps, EarlyPipeline, Message, Pending, Target};

use crate::policy::Policy;
use crate::worker::{Identity, Worker};

/// A guard: it admits each call, passes it on, and guards what comes back.
///
/// There is at most one around an object: guarding again makes one guard that enforces both. When it is dead, it lets go
/// of the object.
pub struct Guard {
    inner: RefCell<Option<Inner>>,
    policy: Policy,
    /// The policy of what is reached through it.
    derived: Rc<Policy>,
    key: Identity,
    worker: Rc<Worker>,
}

type Inner = (Box<dyn ClientHook>, Rc<dyn Target>);

impl Guard {
    pub(crate) fn new(hook: Box<dyn ClientHook>, policy: Policy, key: Identity, worker: Rc<Worker>) -> Self {
        let inner = RefCell::new(Some(settle(hook)));
        let derived = Rc::new(policy.derived());
        Self { inner, policy, derived, key, worker }
    }

    /// What it enforces.
    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What it guards.
    ///
    /// # Errors
    /// `disconnected` where it is dead.
    pub(crate) fn inner(&self) -> Result<Inner, Error> {
        self.policy.alive()?;
        match &*self.inner.borrow() {
            Some((hook, target)) => Ok((hook.add_ref(), target.clone())),
            None => Err(Error::disconnected("this capability is dead".into())),
        }
    }

    fn target(&self) -> Result<Rc<dyn Target>, Error> {
        match &*self.inner.borrow() {
            Some((_, target)) => Ok(target.clone()),
            None => Err(Error::disconnected("this capability is dead".into())),
        }
    }

    /// Drops what it guards once nobody can call that any more.
    pub(crate) fn let_go_if_dead(&self) {
        if self.policy.alive().is_err() {
            // Out of the cell first: dropping runs the object's code.
            let inner = self.inner.take();
            drop(inner);
        }
    }

    fn make(&self, mut call: Call) -> Result<Answer, Error> {
        self.policy.admit(&call)?;
        let target = self.target()?;
        replace_each(call.params.caps_mut(), |hook| self.worker.lend(hook, &self.derived));
        Ok(target.call(call))
    }
}

impl Target for Guard {
    fn call(&self, call: Call) -> Answer {
        match self.make(call) {
            Ok(Answer::Done(mut results)) => {
                replace_each(results.caps_mut(), |hook| self.worker.guard(hook, &self.derived));
                Answer::Done(results)
            }
            Ok(Answer::Pending(pending)) => {
                Answer::Pending(InFlight::guard(pending, self.worker.clone(), self.derived.clone()))
            }
            Ok(Answer::Failed(error)) | Err(error) => Answer::Failed(error),
        }
    }

    /// What it guards may have turned out to be something else; that is guarded as well.
    fn resolved(&self) -> Option<Box<dyn ClientHook>> {
        let resolved = self.target().ok()?.resolved()?;
        Some(self.worker.guard(resolved, &self.policy))
    }

    fn when_resolved(&self) -> Option<Promise<Box<dyn ClientHook>, Error>> {
        let resolution = self.target().ok()?.when_resolved()?;
        let (worker, policy) = (self.worker.clone(), self.policy.clone());
        Some(Promise::from_future(async move { Ok(worker.guard(resolution.await?, &policy)) }))
    }

    fn awaits(&self) -> Option<usize> {
        self.target().ok()?.awaits()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.worker.forget_guard(self.key);
    }
}

pub(crate) fn replace_each(caps: &mut Caps, replace: impl Fn(Box<dyn ClientHook>) -> Box<dyn ClientHook>) {
    for cap in caps.iter_mut() {
        *cap = cap.take().map(&replace);
    }
}

/// A guarded call whose answer comes later. It fails when what it was made on dies.
struct InFlight {
    answer: Option<Pin<Box<dyn Future<Output = capnp::Result<Message>>>>>,
    worker: Rc<Worker>,
    policy: Rc<Policy>,
    ticket: Option<usize>,
}

impl InFlight {
    fn guard(pending: Pending, worker: Rc<Worker>, policy: Rc<Policy>) -> Pending {
        let depth = pending.depth();
        let (answer, early) = pending.into_parts();
        let in_flight = Self { answer: Some(answer), worker: worker.clone(), policy: policy.clone(), ticket: None };
        let guarded = Pending::new(in_flight).with_depth(depth);
        match early {
            Some(early) => guarded.with_early(Rc::new(GuardedPipeline { early, worker, policy })),
            None => guarded,
        }
    }

    fn end(&mut self) {
        let answer = self.answer.take();
        if let Some(ticket) = self.ticket.take() {
            self.worker.stop_waiting(ticket);
        }
        drop(answer);
    }
}

impl Future for InFlight {
    type Output = capnp::Result<Message>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Err(dead) = this.policy.alive() {
            this.end();
            return Poll::Ready(Err(dead));
        }
        let Some(answer) = &mut this.answer else {
            return Poll::Ready(Err(Error::failed("the call is over".into())));
        };
        match answer.as_mut().poll(context) {
            Poll::Pending => {
                this.worker.wait(&mut this.ticket, context.waker());
                Poll::Pending
            }
            Poll::Ready(outcome) => {
                this.end();
                let (worker, policy) = (&this.worker, &this.policy);
                Poll::Ready(outcome.map(|mut results| {
                    replace_each(results.caps_mut(), |hook| worker.guard(hook, policy));
                    results
                }))
            }
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.end();
    }
}

/// What a guarded answer is known to hold before it is there is guarded as well.
struct GuardedPipeline {
    early: Rc<dyn EarlyPipeline>,
    worker: Rc<Worker>,
    policy: Rc<Policy>,
}

impl EarlyPipeline for GuardedPipeline {
    fn cap(&self, ops: &[PipelineOp]) -> Option<Box<dyn ClientHook>> {
        Some(self.worker.guard(self.early.cap(ops)?, &self.policy))
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use futures::channel::oneshot;
    use ww_call::Deferred;

    use super::*;
    use crate::epoch::Authority;
    use crate::policy::Party;

    #[test]
    fn a_promise_that_resolves_to_its_own_guard_fails_its_calls() {
        let authority = Authority::new(0);
        let worker = Worker::new(&authority);
        let policy = Policy::granted(&authority, Party::new(), Party::new());
        let (answer, arrives) = oneshot::channel();
        let promise = Deferred::client_of(async move { arrives.await.map_err(|_| Error::failed("no answer".into())) });
        let lent = worker.lend(promise.add_ref(), &Rc::new(policy.clone()));
        let other = Policy::granted(&authority, Party::new(), Party::new());
        assert!(answer.send(worker.guard(lent, &other)).is_ok());
        promise.when_resolved().now_or_never().unwrap().unwrap();
        let call = Call { interface: 0, method: 0, streaming: false, params: ww_call::Message::new() };
        match ww_call::target(promise).call(call) {
            Answer::Failed(error) => assert!(error.extra.contains("resolved to itself"), "{error}"),
            _ => panic!("a call on nothing came to something"),
        }
    }
}
