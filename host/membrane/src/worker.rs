//! What the guards of one thread share.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::Future;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::task::{Poll, Waker};

use capnp::Error;
use capnp::private::capability::ClientHook;
use futures::task::AtomicWaker;
use slab::Slab;
use ww_call::foreign::settle;
use ww_call::{Proxy, Target, broken_client};

use crate::epoch::Authority;
use crate::guard::Guard;
use crate::lent::{Lent, MAX_LAYERS};
use crate::policy::Policy;

/// The guards of one thread, and the calls that are in flight through them.
///
/// A guard never leaves its thread. What an advance does on each is wake its worker, which then lets go of everything
/// that died; so workers can be added without the guards knowing.
pub struct Worker {
    authority: Authority,
    waker: Arc<AtomicWaker>,
    /// The epoch that was swept last.
    swept: Cell<u64>,
    /// Every guard that is alive, by what it guards: two guards of one object and one policy are one.
    guards: RefCell<HashMap<Identity, Vec<Weak<Guard>>>>,
    /// The objects that callers have lent through guards.
    lent: RefCell<HashMap<Identity, Vec<Weak<Lent>>>>,
    /// Whoever waits for a call in flight.
    in_flight: RefCell<Slab<Waker>>,
}

/// Two hooks of one brand and one pointer are the same object.
pub(crate) type Identity = (usize, usize);

pub(crate) fn identity(hook: &dyn ClientHook) -> Identity {
    (hook.get_brand(), hook.get_ptr())
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
            lent: RefCell::default(),
            in_flight: RefCell::default(),
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
            if self.swept.replace(self.authority.epoch()) != self.authority.epoch() {
                self.sweep();
            }
            Poll::Pending
        })
    }

    /// Fails the calls in flight on what is dead, and lets go of what dead guards kept alive. Whoever advances the
    /// epoch on this thread can call it to have that at once.
    pub fn sweep(&self) {
        // A snapshot: dropping what a guard kept can run anybody's code, which may drop and make guards.
        let guards: Vec<_> = self.guards.borrow().values().flatten().filter_map(Weak::upgrade).collect();
        for guard in guards {
            guard.let_go_if_dead();
        }
        let waiting: Vec<_> = self.in_flight.borrow().iter().map(|(_, waker)| waker.clone()).collect();
        for waker in waiting {
            waker.wake();
        }
    }

    /// How many guards are alive on this thread.
    pub fn guards(&self) -> usize {
        self.guards.borrow().values().flatten().filter(|guard| guard.strong_count() > 0).count()
    }

    /// How many calls are in flight through them.
    pub fn in_flight(&self) -> usize {
        self.in_flight.borrow().len()
    }

    /// Guards a capability that goes out to the holder of `policy`.
    ///
    /// - The holder's own object, coming home, is given back bare.
    /// - What is guarded already gets one guard that enforces both policies.
    pub fn guard(self: &Rc<Self>, hook: Box<dyn ClientHook>, policy: &Policy) -> Box<dyn ClientHook> {
        let (hook, target) = settle(hook);
        if let Some(lent) = target.as_any().downcast_ref::<Lent>()
            && lent.owner() == policy.holder()
        {
            return lent.bare();
        }
        match target.as_any().downcast_ref::<Guard>() {
            Some(guard) if guard.policy().same(policy) => hook,
            Some(guard) => match guard.inner() {
                Ok((inner, _)) => self.intern(inner, &policy.around(guard.policy())),
                // A dead guard stays what it is.
                Err(_) => hook,
            },
            None => self.intern(hook, policy),
        }
    }

    /// Passes on a capability that the holder of `policy` gives to its issuer.
    ///
    /// - The issuer's own object, coming home with nothing but a live epoch on it, is given back bare.
    /// - What is guarded otherwise stays guarded, for the issuer as its holder.
    /// - The holder's own object is lent, so that it can be recognised when it comes out again.
    pub(crate) fn lend(self: &Rc<Self>, hook: Box<dyn ClientHook>, policy: &Rc<Policy>) -> Box<dyn ClientHook> {
        let (hook, target) = settle(hook);
        if let Some(guard) = target.as_any().downcast_ref::<Guard>()
            && guard.policy().issuer() != policy.holder()
        {
            return match guard.inner() {
                Ok((inner, _)) if guard.policy().issuer() == policy.issuer() && guard.policy().is_plain() => inner,
                Ok((inner, _)) => self.intern(inner, &guard.policy().handed_to(policy.issuer())),
                // A dead guard passes on dead.
                Err(_) => hook,
            };
        }
        if let Some(lent) = target.as_any().downcast_ref::<Lent>() {
            if lent.owner() == policy.issuer() {
                return lent.bare();
            }
            if lent.layers() >= MAX_LAYERS {
                let text = format!("this capability was passed on by {MAX_LAYERS} parties, which is the limit");
                return broken_client(Error::overloaded(text));
            }
        }
        let mut all = self.lent.borrow_mut();
        let known = all.entry(identity(&*hook)).or_default();
        let found = known.iter().filter_map(Weak::upgrade).find(|lent| lent.policy().same(policy));
        let lent = found.unwrap_or_else(|| {
            let lent = Rc::new(Lent::new(hook, target, policy.clone(), Rc::downgrade(self)));
            known.push(Rc::downgrade(&lent));
            lent
        });
        Proxy::hook(lent)
    }

    fn intern(self: &Rc<Self>, inner: Box<dyn ClientHook>, policy: &Policy) -> Box<dyn ClientHook> {
        let key = identity(&*inner);
        let mut all = self.guards.borrow_mut();
        let known = all.entry(key).or_default();
        let found = known.iter().filter_map(Weak::upgrade).find(|guard| guard.policy().same(policy));
        let guard = found.unwrap_or_else(|| {
            let guard = Rc::new(Guard::new(inner, policy.clone(), key, self.clone()));
            known.push(Rc::downgrade(&guard));
            guard
        });
        Proxy::hook(guard as Rc<dyn Target>)
    }

    /// A guard is being dropped.
    pub(crate) fn forget_guard(&self, key: Identity) {
        forget(&self.guards, key);
    }

    /// What a caller has lent is being dropped.
    pub(crate) fn forget_lent(&self, key: Identity) {
        forget(&self.lent, key);
    }

    /// A call waits: `waker` is woken at the next advance or revocation.
    pub(crate) fn wait(&self, ticket: &mut Option<usize>, waker: &Waker) {
        let mut in_flight = self.in_flight.borrow_mut();
        match ticket.and_then(|ticket| in_flight.get_mut(ticket)) {
            Some(known) => known.clone_from(waker),
            None => *ticket = Some(in_flight.insert(waker.clone())),
        }
    }

    /// A call has ended.
    pub(crate) fn stop_waiting(&self, ticket: usize) {
        self.in_flight.borrow_mut().try_remove(ticket);
    }
}

fn forget<T>(all: &RefCell<HashMap<Identity, Vec<Weak<T>>>>, key: Identity) {
    let mut all = all.borrow_mut();
    if let Some(known) = all.get_mut(&key) {
        known.retain(|entry| entry.strong_count() > 0);
        if known.is_empty() {
            all.remove(&key);
        }
    }
}
