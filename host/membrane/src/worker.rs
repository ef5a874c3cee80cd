//! What the guards of one thread share.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::task::Poll;

use capnp::private::capability::ClientHook;
use futures::task::AtomicWaker;
use rustc_hash::FxHashMap;
use ww_call::foreign::settle;
use ww_call::{Proxy, Target};

use crate::epoch::Authority;
use crate::flight::{Flights, InFlight};
use crate::guard::Guard;
use crate::mortals::Mortals;
use crate::policy::Policy;
use crate::rules::{Rule, kept};

/// The guards of one thread, and the calls that are in flight through them.
///
/// A guard never leaves its thread. What an advance does on each is wake its worker, which then lets go of everything
/// that died; so workers can be added without the guards knowing.
pub struct Worker {
    authority: Authority,
    waker: Arc<AtomicWaker>,
    /// The epoch that was swept last.
    swept: Cell<u64>,
    /// Every guard that is alive. Keys are addresses and a number that is drawn by hashing, so nobody can choose them to
    /// collide, and a fast hash will do.
    guards: RefCell<FxHashMap<Key, Weak<Guard>>>,
    /// Whoever lives as long as an epoch.
    mortals: Rc<Mortals>,
    flights: Flights,
}

/// What makes a guard the same as another one: one object, and one policy.
///
/// Two hooks of one brand and one pointer are the same object. A guard holds on to its object, so no other one can get
/// that pointer meanwhile.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    brand: usize,
    pointer: usize,
    policy: Policy,
}

impl Worker {
    /// The worker of this thread. Its [`Worker::run`] has to be polled.
    pub fn new(authority: &Authority) -> Rc<Self> {
        let waker = Arc::new(AtomicWaker::new());
        authority.subscribe(&waker);
        Rc::new(Self {
            authority: authority.clone(),
            waker,
            swept: Cell::new(authority.epoch()),
            guards: RefCell::default(),
            mortals: Rc::default(),
            flights: Flights::default(),
        })
    }

    /// The node's authority.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Sweeps after every advance, without end.
    pub fn run(self: Rc<Self>) -> impl Future<Output = ()> {
        std::future::poll_fn(move |context| {
            self.waker.register(context.waker());
            let epoch = self.authority.epoch();
            if self.swept.replace(epoch) != epoch {
                self.sweep();
            }
            Poll::Pending
        })
    }

    /// Ends the calls in flight on what is dead, and lets go of what dead guards kept alive. Whoever advances the epoch
    /// on this thread can call it to have that at once.
    pub fn sweep(&self) {
        self.mortals.visit();
    }

    /// How many guards are alive on this thread.
    pub fn guards(&self) -> usize {
        self.guards.borrow().len()
    }

    /// How many calls are in flight through them that an advance or a revocation would end.
    pub fn in_flight(&self) -> usize {
        self.flights.count()
    }

    /// The one guard around `hook`, which is settled and no guard, that enforces `policy`. Under it is `target`, where that is
    /// ours.
    pub(crate) fn only_guard(
        self: &Rc<Self>,
        hook: Box<dyn ClientHook>,
        target: Option<Rc<dyn Target>>,
        policy: Policy,
    ) -> Box<dyn ClientHook> {
        let key = Key { brand: hook.get_brand(), pointer: hook.get_ptr(), policy: policy.clone() };
        let known = self.guards.borrow().get(&key).and_then(Weak::upgrade);
        let guard = match known {
            Some(guard) if kept(Rule::OneObject) => guard,
            _ => {
                // Nothing is borrowed: it looks at the object, which is anybody's.
                let inner = match target {
                    Some(target) => (hook, target),
                    None => settle(hook),
                };
                let guard = Guard::new(inner, policy, key.clone(), self.clone());
                self.guards.borrow_mut().insert(key, Rc::downgrade(&guard));
                guard
            }
        };
        Proxy::hook(guard)
    }

    /// A guard is being dropped.
    pub(crate) fn forget(&self, key: &Key) {
        let mut guards = self.guards.borrow_mut();
        // There may be another one by now, where this one was not found in time.
        if guards.get(key).is_some_and(|guard| guard.strong_count() == 0) {
            guards.remove(key);
        }
    }

    /// Runs `work` until it ends, or the life of `policy` does.
    pub(crate) fn until<F: Future + Unpin + 'static>(&self, work: F, policy: &Policy) -> InFlight<F> {
        self.flights.start(work, policy.clone(), &self.mortals)
    }

    pub(crate) fn mortals(&self) -> &Rc<Mortals> {
        &self.mortals
    }
}
