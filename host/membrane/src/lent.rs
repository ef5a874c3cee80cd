//! A caller's own object that went in through a guard.

use std::any::Any;
use std::future::Future;
use std::rc::{Rc, Weak};

use capnp::Error;
use capnp::capability::Promise;
use capnp::private::capability::{ClientHook, PipelineOp};
use ww_call::{Answer, Call, EarlyPipeline, Message, Pending, Target};

use crate::guard::replace_each;
use crate::policy::{Party, Policy};
use crate::worker::{Identity, Worker, identity};

/// How many parties may have passed on one object. Every one is a call on the stack.
pub(crate) const MAX_LAYERS: usize = 16;

/// An object with its owner's name on it: the guard seen from the other side.
///
/// Whoever was lent the object calls it through this. What it passes to the owner gets the guard that everything gets
/// on that way, what the owner returns is lent as well, and the object itself is recognised when it comes home, so that
/// nobody gets a guard around its own object.
pub(crate) struct Lent {
    hook: Box<dyn ClientHook>,
    target: Rc<dyn Target>,
    /// The policy of the guard that it went in through. Its holder is the owner.
    policy: Rc<Policy>,
    layers: usize,
    key: Identity,
    worker: Weak<Worker>,
}

impl Lent {
    pub(crate) fn new(
        hook: Box<dyn ClientHook>,
        target: Rc<dyn Target>,
        policy: Rc<Policy>,
        worker: Weak<Worker>,
    ) -> Self {
        let key = identity(&*hook);
        let layers = 1 + target.as_any().downcast_ref::<Self>().map_or(0, |inner| inner.layers);
        Self { hook, target, policy, layers, key, worker }
    }

    pub(crate) fn owner(&self) -> &Party {
        self.policy.holder()
    }

    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    pub(crate) fn layers(&self) -> usize {
        self.layers
    }

    /// The object itself.
    pub(crate) fn bare(&self) -> Box<dyn ClientHook> {
        self.hook.add_ref()
    }
}

impl Target for Lent {
    fn call(&self, mut call: Call) -> Answer {
        let Some(worker) = self.worker.upgrade() else {
            return Answer::Failed(Error::disconnected("the membrane is gone".into()));
        };
        replace_each(call.params.caps_mut(), |hook| worker.guard(hook, &self.policy));
        let back = Back { worker, policy: self.policy.clone() };
        match self.target.call(call) {
            Answer::Done(results) => Answer::Done(back.lend_each(results)),
            Answer::Failed(error) => Answer::Failed(error),
            Answer::Pending(pending) => Answer::Pending(back.lend_later(pending)),
        }
    }

    /// Never: what it resolves to has no name on it.
    fn resolved(&self) -> Option<Box<dyn ClientHook>> {
        None
    }

    fn when_resolved(&self) -> Option<Promise<Box<dyn ClientHook>, Error>> {
        None
    }

    fn awaits(&self) -> Option<usize> {
        self.target.awaits()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(worker) = self.worker.upgrade() {
            worker.forget_lent(self.key);
        }
    }
}

/// The way of an owner's answers.
#[derive(Clone)]
struct Back {
    worker: Rc<Worker>,
    policy: Rc<Policy>,
}

impl Back {
    fn lend_each(&self, mut results: Message) -> Message {
        replace_each(results.caps_mut(), |hook| self.worker.lend(hook, &self.policy));
        results
    }

    fn lend_later(self, pending: Pending) -> Pending {
        let depth = pending.depth();
        let (answer, early) = pending.into_parts();
        let lent = Pending::new(self.clone().lend_when_there(answer)).with_depth(depth);
        match early {
            Some(early) => lent.with_early(Rc::new(LentPipeline { early, back: self })),
            None => lent,
        }
    }

    async fn lend_when_there(self, answer: impl Future<Output = capnp::Result<Message>>) -> capnp::Result<Message> {
        Ok(self.lend_each(answer.await?))
    }
}

struct LentPipeline {
    early: Rc<dyn EarlyPipeline>,
    back: Back,
}

impl EarlyPipeline for LentPipeline {
    fn cap(&self, ops: &[PipelineOp]) -> Option<Box<dyn ClientHook>> {
        Some(self.back.worker.lend(self.early.cap(ops)?, &self.back.policy))
    }
}
