//! The wrapper around every capability that leaves the Membrane.

use std::any::Any;
use std::cell::{OnceCell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};

use capnp::Error;
use capnp::capability::Promise;
use capnp::private::capability::{ClientHook, PipelineOp};
use ww_call::{Answer, Awaited, Call, Caps, EarlyPipeline, Message, Pending, Target, broken_client};

use crate::life::Concern;
use crate::mortals::{Mortal, drop_foreign};
use crate::policy::Policy;
use crate::rules::{Rule, kept};
use crate::worker::{Key, Worker};

/// A guard: it admits each call, passes it on, and guards what goes in and what comes back.
///
/// There is at most one around an object: what is guarded and goes on to somebody else gets one guard that enforces
/// both policies. When it is dead, it lets go of the object.
pub struct Guard {
    inner: RefCell<Option<Inner>>,
    policy: Policy,
    of_results: Policy,
    of_params: OnceCell<Policy>,
    key: Key,
    concern: OnceCell<Concern>,
    worker: Rc<Worker>,
}

/// An object, and what can be called under it.
pub(crate) type Inner = (Box<dyn ClientHook>, Rc<dyn Target>);

impl Guard {
    pub(crate) fn new(inner: Inner, policy: Policy, key: Key, worker: Rc<Worker>) -> Rc<Self> {
        let of_results = policy.of_results();
        let inner = RefCell::new(Some(inner));
        let (of_params, concern) = Default::default();
        let guard = Rc::new(Self { inner, policy, of_results, of_params, key, concern, worker });
        let weak: Weak<dyn Mortal> = Rc::<Self>::downgrade(&guard);
        let _ = guard.concern.set(guard.policy.life().concern(guard.worker.mortals(), &weak));
        guard
    }

    /// What it enforces.
    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What it guards.
    ///
    /// # Errors
    /// Why it has let go of it.
    pub(crate) fn inner(&self) -> Result<Box<dyn ClientHook>, Error> {
        self.inner.borrow().as_ref().map(|(hook, _)| hook.add_ref()).ok_or_else(|| self.policy.end())
    }

    fn target(&self) -> Option<Rc<dyn Target>> {
        self.inner.borrow().as_ref().map(|(_, target)| target.clone())
    }

    fn of_params(&self) -> &Policy {
        self.of_params.get_or_init(|| self.policy.of_params())
    }

    fn make(&self, mut call: Call) -> Result<Answer, Error> {
        self.policy.admit(&call)?;
        let target = self.target().ok_or_else(|| self.policy.end())?;
        if !call.params.caps().is_empty() && kept(Rule::ParametersAreGuarded) {
            self.worker.guard_each(call.params.caps_mut(), self.of_params());
        }
        let answer = target.call(call);
        if self.policy.is_narrow() {
            // This may have been the last call that could be made. It has its target.
            self.policy.visit_spent();
        }
        Ok(answer)
    }
}

impl Target for Guard {
    fn call(&self, call: Call) -> Answer {
        match self.make(call) {
            Ok(Answer::Done(mut results)) => {
                self.worker.guard_results(&mut results, &self.of_results);
                Answer::Done(results)
            }
            Ok(Answer::Pending(pending)) => {
                Answer::Pending(answer_later(pending, self.worker.clone(), self.of_results.clone()))
            }
            Ok(Answer::Failed(error)) | Err(error) => Answer::Failed(error),
        }
    }

    /// What it guards may have turned out to be something else; that is guarded as well.
    fn resolved(&self) -> Option<Box<dyn ClientHook>> {
        let resolved = self.target()?.resolved()?;
        Some(if kept(Rule::ResolutionsAreGuarded) { self.worker.guard(resolved, &self.policy) } else { resolved })
    }

    fn when_resolved(&self) -> Option<Promise<Box<dyn ClientHook>, Error>> {
        let resolution = self.worker.until(self.target()?.when_resolved()?, &self.policy);
        let (worker, policy) = (self.worker.clone(), self.policy.clone());
        Some(Promise::from_future(async move {
            let resolved = resolution.await?;
            Ok(if kept(Rule::ResolutionsAreGuarded) { worker.guard(resolved, &policy) } else { resolved })
        }))
    }

    fn awaits(&self) -> Option<Awaited> {
        self.target()?.awaits()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Mortal for Guard {
    /// Drops what it guards once nobody can call that any more.
    fn let_go_if_dead(&self) {
        let dead = self.policy.alive().is_err() && kept(Rule::DeadLetGo);
        let spent = self.policy.is_spent() && kept(Rule::SpentLetGo);
        if dead || spent {
            let inner = self.inner.take();
            // Out of the cell first: dropping runs anybody's code.
            drop_foreign(inner);
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.worker.forget(&self.key);
        drop_foreign(self.inner.take());
    }
}

/// A guarded call whose answer comes later. It fails when what it was made on dies.
fn answer_later(pending: Pending, worker: Rc<Worker>, policy: Policy) -> Pending {
    let depth = pending.depth();
    let (answer, early) = pending.into_parts();
    let guarded_early = early.as_ref().map(|early| GuardedPipeline {
        early: Rc::downgrade(early),
        worker: worker.clone(),
        policy: policy.clone(),
    });
    let answer = worker.until(Answering { answer, _early: early }, &policy);
    let guarded = Pending::new(async move {
        let mut results = answer.await?;
        worker.guard_results(&mut results, &policy);
        Ok(results)
    });
    match guarded_early {
        Some(early) => guarded.with_early(Rc::new(early)),
        None => guarded,
    }
    .with_depth(depth)
}

/// An answer, with what is known of it before it is there: both end together.
struct Answering<A> {
    answer: A,
    _early: Option<Rc<dyn EarlyPipeline>>,
}

impl<A: Future<Output = capnp::Result<Message>> + Unpin> Future for Answering<A> {
    type Output = capnp::Result<Message>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.answer).poll(context)
    }
}

/// What is known of a guarded answer before it is there is guarded as well.
struct GuardedPipeline {
    early: Weak<dyn EarlyPipeline>,
    worker: Rc<Worker>,
    policy: Policy,
}

impl EarlyPipeline for GuardedPipeline {
    fn cap(&self, ops: &[PipelineOp]) -> Option<Box<dyn ClientHook>> {
        if let Err(dead) = self.policy.alive() {
            return Some(broken_client(dead));
        }
        let cap = self.early.upgrade()?.cap(ops)?;
        Some(if kept(Rule::PipelinesAreGuarded) { self.worker.guard(cap, &self.policy) } else { cap })
    }

    fn ends_with_the_answer(&self) -> bool {
        self.early.upgrade().is_some_and(|early| early.ends_with_the_answer())
    }
}

impl Worker {
    fn guard_results(self: &Rc<Self>, results: &mut Message, policy: &Policy) {
        if !results.caps().is_empty() && kept(Rule::ResultsAreGuarded) {
            self.guard_each(results.caps_mut(), policy);
        }
    }

    fn guard_each(self: &Rc<Self>, caps: &mut Caps, policy: &Policy) {
        for cap in caps.iter_mut() {
            *cap = cap.take().map(|hook| self.guard(hook, policy));
        }
    }
}

/// How many guards lie around what is under `hook`, for tests: at most one.
#[cfg(feature = "test-switches")]
pub fn layers(hook: &dyn ClientHook) -> usize {
    let Some(target) = ww_call::target_of(hook) else { return 0 };
    let Some(guard) = target.as_any().downcast_ref::<Guard>() else { return 0 };
    1 + guard.inner().map_or(0, |inner| layers(&*inner))
}
