//! What becomes of a capability that crosses from one party to another.

use std::rc::Rc;

use capnp::Error;
use capnp::private::capability::ClientHook;
use ww_call::{Target, broken_client, target_of};

use crate::guard::Guard;
use crate::policy::Policy;
use crate::rules::{Rule, kept};
use crate::worker::Worker;

impl Worker {
    /// Passes `hook` on to the holder of `way`, who gets it along that way:
    ///
    /// - The holder's own object, coming home with nothing but a live epoch on it, is given back bare.
    /// - What is guarded already stays guarded: it gets one guard that enforces both policies.
    /// - What is dead stays dead.
    /// - Anything else gets a guard.
    ///
    /// A promise that is settled is followed to its end; one that is not, is guarded until it is.
    pub fn guard(self: &Rc<Self>, hook: Box<dyn ClientHook>, way: &Policy) -> Box<dyn ClientHook> {
        self.pass(hook, way).unwrap_or_else(broken_client)
    }

    /// As [`Worker::guard`].
    ///
    /// # Errors
    /// Why nothing can be passed on: because it is dead, or because it was restricted too often.
    pub(crate) fn pass(self: &Rc<Self>, hook: Box<dyn ClientHook>, way: &Policy) -> Result<Box<dyn ClientHook>, Error> {
        let Unwrapped { hook, target, guards } = unwrap(hook)?;
        let mut whole = None;
        for policy in guards.iter().rev() {
            whole = put_together(whole, policy)?;
        }
        let Some(whole) = put_together(whole, way)? else { return Ok(hook) };
        if kept(Rule::DeadTakeNothing) {
            whole.alive()?;
        }
        Ok(self.only_guard(hook, target, whole))
    }
}

/// What a capability is at its end.
struct Unwrapped {
    hook: Box<dyn ClientHook>,
    /// What can be called under it, where that is ours.
    target: Option<Rc<dyn Target>>,
    /// What the guards around it say, from the outermost to the innermost. Without a promise there is at most one.
    guards: Vec<Policy>,
}

/// Follows a capability to its end, through promises that are settled and through guards.
///
/// A loop and not a recursion: callers can make a long row of both.
fn unwrap(mut hook: Box<dyn ClientHook>) -> Result<Unwrapped, Error> {
    let mut guards = Vec::new();
    loop {
        let target = target_of(&*hook);
        let guard = target.as_ref().and_then(|target| target.as_any().downcast_ref::<Guard>());
        let next = match guard {
            Some(guard) if kept(Rule::OneGuard) => {
                guards.push(guard.policy().clone());
                Some(guard.inner()?)
            }
            _ => target.as_ref().map_or_else(|| hook.get_resolved(), |target| target.resolved()),
        };
        match next {
            Some(next) => hook = next,
            None => return Ok(Unwrapped { hook, target, guards }),
        }
    }
}

/// The whole way of what came along `first` and goes on along `way`: none for what is its new holder's own.
///
/// # Errors
/// As [`Policy::after`].
fn put_together(first: Option<Policy>, way: &Policy) -> Result<Option<Policy>, Error> {
    if comes_home(first.as_ref(), way) && kept(Rule::HomeIsBare) {
        return Ok(None);
    }
    match first {
        Some(first) if kept(Rule::StaysGuarded) => way.after(&first).map(Some),
        _ => Ok(Some(way.clone())),
    }
}

/// Whether what came the way `first`, where it was guarded, is the own object of the holder of `way`, with nothing on it
/// that the holder could not get around anyway. Nothing comes home a way that is dead.
fn comes_home(first: Option<&Policy>, way: &Policy) -> bool {
    let plain = |policy: &Policy| policy.is_plain() || !kept(Rule::OnlyPlainIsUnwrapped);
    let alive = |policy: &Policy| policy.alive().is_ok() || !kept(Rule::DeadStaysDead);
    let at_home = match first {
        Some(first) => first.issuer() == way.holder() && plain(first) && alive(first) && !way.is_narrow(),
        // It never left: the way is one from its holder to itself.
        None => way.issuer() == way.holder() && plain(way),
    };
    at_home && alive(way)
}
