//! What narrows one capability.

use std::cell::Cell;
use std::rc::Rc;

use capnp::Error;
use ww_call::Call;

use crate::mortals::Mortals;
use crate::rules::{Rule, kept};

/// Methods of one interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Allowed {
    interface: u64,
    methods: Vec<u16>,
}

impl Allowed {
    pub(crate) fn new(interface: u64, mut methods: Vec<u16>) -> Self {
        methods.sort_unstable();
        methods.dedup();
        Self { interface, methods }
    }

    fn allows(&self, call: &Call) -> bool {
        self.interface == call.interface && self.methods.binary_search(&call.method).is_ok()
    }
}

/// One restriction: which methods can be called, how often, and until when. All copies of the capability share it.
pub(crate) struct Restriction {
    allowed: Allowed,
    /// The calls that are left, where they are counted.
    left: Option<Cell<u64>>,
    revoked: Cell<bool>,
    /// The guards and the calls in flight that end with it.
    mortals: Rc<Mortals>,
}

impl Restriction {
    pub(crate) fn new(allowed: Allowed, calls: Option<u64>) -> Rc<Self> {
        let left = calls.map(Cell::new);
        Rc::new(Self { allowed, left, revoked: Cell::new(false), mortals: Rc::default() })
    }

    /// One that only ends: nothing is called under it, it is part of a life.
    pub(crate) fn of_time() -> Rc<Self> {
        Self::new(Allowed::new(0, Vec::new()), None)
    }

    /// Ends what was restricted and all that was reached through it, at once.
    pub(crate) fn revoke(&self) {
        self.revoked.set(true);
        self.mortals.visit();
    }

    pub(crate) fn is_revoked(&self) -> bool {
        self.revoked.get()
    }

    /// Whether no call is left.
    pub(crate) fn is_spent(&self) -> bool {
        self.left.as_ref().is_some_and(|left| left.get() == 0)
    }

    /// Whether a call may be made. It is not counted yet.
    pub(crate) fn admits(&self, call: &Call) -> Result<(), Error> {
        if !self.allowed.allows(call) && kept(Rule::MethodsAtCall) {
            let Call { interface, method, .. } = call;
            return Err(Error::failed(format!("method {method} of interface {interface:#x} is not allowed here")));
        }
        if self.is_spent() && kept(Rule::BudgetAtCall) {
            return Err(used_up());
        }
        Ok(())
    }

    /// Counts a call.
    pub(crate) fn count(&self) {
        if let Some(left) = &self.left {
            left.set(left.get().saturating_sub(1));
        }
    }

    pub(crate) fn mortals(&self) -> &Rc<Mortals> {
        &self.mortals
    }
}

/// No call is left.
pub(crate) fn used_up() -> Error {
    Error::failed("the calls that this capability was good for are used up".into())
}
