//! What a guard enforces.

use std::cell::Cell;
use std::rc::Rc;

use capnp::Error;
use ww_call::Call;

use crate::epoch::Authority;

/// How often one capability may be restricted. Each revoker is looked at in every call.
pub const MAX_REVOKERS: usize = 16;

/// One side of a guard: a provider, or a caller. Two are the same only if one is a clone of the other.
#[derive(Debug, Clone)]
pub struct Party(Rc<()>);

impl Party {
    /// Somebody new.
    #[expect(clippy::new_without_default, reason = "each is another one, which nobody expects of a default")]
    pub fn new() -> Self {
        Self(Rc::new(()))
    }
}

impl PartialEq for Party {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// What all capabilities that one caller grafted from one provider have in common, and what restricts one of them.
#[derive(Clone)]
pub struct Policy {
    authority: Authority,
    /// The epoch that it was granted under.
    epoch: u64,
    /// Who supplied the capability.
    issuer: Party,
    /// Who holds it.
    holder: Party,
    /// What ends it before its epoch does.
    revoked: Vec<Revoked>,
    /// The calls that are left, of each restriction that counts them.
    budgets: Vec<Rc<Cell<u64>>>,
    /// The methods that may be called; all of them where nothing is said.
    allowed: Option<Allowed>,
}

/// Whether something was revoked.
pub type Revoked = Rc<Cell<bool>>;

/// Methods of one interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    interface: u64,
    methods: Vec<u16>,
}

impl Allowed {
    /// These methods of this interface.
    pub fn new(interface: u64, mut methods: Vec<u16>) -> Self {
        methods.sort_unstable();
        methods.dedup();
        Self { interface, methods }
    }

    fn allows(&self, call: &Call) -> bool {
        self.interface == call.interface && self.methods.binary_search(&call.method).is_ok()
    }

    /// What both allow.
    fn and(&self, other: &Self) -> Self {
        let same = self.interface == other.interface;
        let both = |method: &&u16| same && other.methods.binary_search(method).is_ok();
        Self { interface: self.interface, methods: self.methods.iter().filter(both).copied().collect() }
    }
}

impl Policy {
    /// What is granted now, by `issuer` to `holder`.
    pub fn granted(authority: &Authority, issuer: Party, holder: Party) -> Self {
        Self {
            authority: authority.clone(),
            epoch: authority.epoch(),
            issuer,
            holder,
            revoked: Vec::new(),
            budgets: Vec::new(),
            allowed: None,
        }
    }

    /// Whether what it guards can be called at all.
    ///
    /// # Errors
    /// `disconnected`, saying why not.
    pub fn alive(&self) -> Result<(), Error> {
        let now = self.authority.epoch();
        if now != self.epoch {
            let epoch = self.epoch;
            return Err(Error::disconnected(format!("granted under epoch {epoch}, which has ended; graft again")));
        }
        if self.revoked.iter().any(|revoked| revoked.get()) {
            return Err(Error::disconnected("this capability was revoked".into()));
        }
        Ok(())
    }

    /// Whether a call may be made; it counts.
    ///
    /// # Errors
    /// `disconnected` where the capability is dead; `failed` where the call is not allowed.
    pub(crate) fn admit(&self, call: &Call) -> Result<(), Error> {
        self.alive()?;
        if let Some(allowed) = &self.allowed
            && !allowed.allows(call)
        {
            let Call { interface, method, .. } = call;
            return Err(Error::failed(format!("method {method} of interface {interface:#x} is not allowed here")));
        }
        if self.budgets.iter().any(|left| left.get() == 0) {
            return Err(Error::failed("the calls that this capability was good for are used up".into()));
        }
        for left in &self.budgets {
            left.set(left.get() - 1);
        }
        Ok(())
    }

    /// Whether it says nothing but that the epoch must be the live one.
    pub(crate) fn is_plain(&self) -> bool {
        self.revoked.is_empty() && self.budgets.is_empty() && self.allowed.is_none()
    }

    pub(crate) fn issuer(&self) -> &Party {
        &self.issuer
    }

    pub(crate) fn holder(&self) -> &Party {
        &self.holder
    }

    /// The policy of what is reached through what this one guards: it dies together with it, but methods are those of
    /// another interface and are not counted.
    pub(crate) fn derived(&self) -> Self {
        Self { allowed: None, budgets: Vec::new(), ..self.clone() }
    }

    /// This policy, for a capability that was passed on to `holder`.
    pub(crate) fn handed_to(&self, holder: &Party) -> Self {
        Self { holder: holder.clone(), ..self.clone() }
    }

    /// The policy of a capability that `inner` guards already and that is handed on to this one's holder: both hold.
    pub(crate) fn around(&self, inner: &Self) -> Self {
        let mut merged = inner.clone();
        merged.holder = self.holder.clone();
        // The older epoch is dead if either is: epochs only grow.
        merged.epoch = inner.epoch.min(self.epoch);
        for revoked in &self.revoked {
            if !merged.revoked.iter().any(|known| Rc::ptr_eq(known, revoked)) {
                merged.revoked.push(revoked.clone());
            }
        }
        for budget in &self.budgets {
            if !merged.budgets.iter().any(|known| Rc::ptr_eq(known, budget)) {
                merged.budgets.push(budget.clone());
            }
        }
        merged.allowed = match (&inner.allowed, &self.allowed) {
            (Some(inner), Some(outer)) => Some(inner.and(outer)),
            (one, other) => one.clone().or_else(|| other.clone()),
        };
        merged
    }

    /// This policy, restricted further.
    ///
    /// # Errors
    /// `overloaded` where it was restricted too often.
    pub(crate) fn restricted(&self, allowed: Allowed, calls: Option<u64>, revoked: Revoked) -> Result<Self, Error> {
        if self.revoked.len() >= MAX_REVOKERS {
            return Err(Error::overloaded(format!(
                "this capability was restricted {MAX_REVOKERS} times, which is the limit"
            )));
        }
        let mut restricted = self.clone();
        restricted.revoked.push(revoked);
        restricted.budgets.extend(calls.map(|calls| Rc::new(Cell::new(calls))));
        restricted.allowed = Some(match &self.allowed {
            Some(already) => already.and(&allowed),
            None => allowed,
        });
        Ok(restricted)
    }

    /// Whether both enforce the same.
    pub(crate) fn same(&self, other: &Self) -> bool {
        self.epoch == other.epoch
            && self.issuer == other.issuer
            && self.holder == other.holder
            && same_cells(&self.revoked, &other.revoked)
            && same_cells(&self.budgets, &other.budgets)
            && self.allowed == other.allowed
    }
}

fn same_cells<T>(left: &[Rc<Cell<T>>], right: &[Rc<Cell<T>>]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| Rc::ptr_eq(left, right))
}
