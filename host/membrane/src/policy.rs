//! What a guard enforces, and how two guards make one.

use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::rc::Rc;

use capnp::Error;
use ww_call::Call;

use crate::epoch::Authority;
pub use crate::life::MAX_REVOKERS;
use crate::life::{Life, union};
use crate::restriction::{Restriction, used_up};
use crate::rules::{Rule, kept};

/// One side of a guard: a provider, or a caller. Two are the same only if one is a clone of the other.
#[derive(Debug, Clone)]
pub struct Party(Rc<()>);

impl Party {
    /// Somebody new.
    #[expect(clippy::new_without_default, reason = "each is another one, which nobody expects of a default")]
    pub fn new() -> Self {
        Self(Rc::default())
    }

    fn address(&self) -> u64 {
        Rc::as_ptr(&self.0) as u64
    }
}

impl PartialEq for Party {
    fn eq(&self, other: &Self) -> bool {
        self.address() == other.address()
    }
}

/// What a guard enforces: who supplied the object and who holds it, until when, and what may be called.
///
/// It is the way of a capability from one party to another. What its holder passes in as parameters goes that way
/// backwards, and what comes out as results goes it forwards; a capability that goes several ways one after the other
/// has one policy that is all of them together. Cheap to clone.
#[derive(Clone)]
pub struct Policy(Rc<Terms>);

struct Terms {
    issuer: Party,
    holder: Party,
    /// Until when the holder can use it.
    life: Life,
    /// Until when the issuer can use what it gets as parameters.
    back: Life,
    /// What limits the calls on this very capability, and not on what comes out of it. All of it is in `life` too.
    narrowed: Vec<Rc<Restriction>>,
    /// Equal for equal terms.
    fingerprint: u64,
}

impl Policy {
    /// What is granted now, by `issuer` to `holder`. What the issuer gets from the holder, it keeps as long as it likes.
    pub fn granted(authority: &Authority, issuer: Party, holder: Party) -> Self {
        Self::granted_under(authority, authority.epoch(), issuer, holder)
    }

    /// The same for an epoch that may have ended by now.
    pub(crate) fn granted_under(authority: &Authority, epoch: u64, issuer: Party, holder: Party) -> Self {
        Self::new(issuer, holder, Life::of_epoch(authority, epoch), Life::default(), Vec::new())
    }

    /// What is granted by `issuer` to `holder` until `end` is revoked, whatever becomes of epochs.
    pub(crate) fn until_revoked(issuer: Party, holder: Party, end: Rc<Restriction>) -> Self {
        Self::new(issuer, holder, Life::until_revoked(end), Life::default(), Vec::new())
    }

    /// A restriction that `holder` puts on what it has.
    pub(crate) fn restricting(holder: &Party, restriction: Rc<Restriction>) -> Self {
        let life = Life::until_revoked(restriction.clone());
        Self::new(holder.clone(), holder.clone(), life, Life::default(), vec![restriction])
    }

    fn new(issuer: Party, holder: Party, life: Life, back: Life, narrowed: Vec<Rc<Restriction>>) -> Self {
        let mut terms = Terms { issuer, holder, life, back, narrowed, fingerprint: 0 };
        terms.fingerprint = fingerprint(&terms);
        Self(Rc::new(terms))
    }

    pub(crate) fn issuer(&self) -> &Party {
        &self.0.issuer
    }

    pub(crate) fn holder(&self) -> &Party {
        &self.0.holder
    }

    pub(crate) fn life(&self) -> &Life {
        &self.0.life
    }

    /// Whether what it guards can be used at all.
    ///
    /// # Errors
    /// `disconnected`, saying why not.
    pub fn alive(&self) -> Result<(), Error> {
        self.0.life.lasts()
    }

    /// Whether a call may be made; it is counted then.
    ///
    /// # Errors
    /// `disconnected` where the capability is dead; `failed` where the call is not allowed.
    pub(crate) fn admit(&self, call: &Call) -> Result<(), Error> {
        if kept(Rule::EpochAtCall) {
            self.0.life.in_epoch()?;
        }
        if kept(Rule::RevocationAtCall) {
            self.0.life.unrevoked()?;
        }
        for restriction in &self.0.narrowed {
            restriction.admits(call)?;
        }
        for restriction in &self.0.narrowed {
            restriction.count();
        }
        Ok(())
    }

    /// Whether no call is left.
    pub(crate) fn is_spent(&self) -> bool {
        self.0.narrowed.iter().any(|restriction| restriction.is_spent())
    }

    /// Why what it guarded is gone.
    pub(crate) fn end(&self) -> Error {
        self.alive().err().unwrap_or_else(used_up)
    }

    /// Lets those go that keep something alive for calls that nobody can make any more.
    pub(crate) fn visit_spent(&self) {
        for restriction in self.0.narrowed.iter().filter(|restriction| restriction.is_spent()) {
            restriction.mortals().visit();
        }
    }

    /// Whether nothing but an epoch is on it.
    pub(crate) fn is_plain(&self) -> bool {
        self.0.life.is_plain()
    }

    /// Whether it limits calls on one capability, as a restriction does.
    pub(crate) fn is_narrow(&self) -> bool {
        !self.0.narrowed.is_empty()
    }

    /// The way of results: it ends together with this one, but methods are those of other interfaces, and not counted.
    pub(crate) fn of_results(&self) -> Self {
        if self.is_narrow() { self.with(self.0.life.clone(), self.0.back.clone(), Vec::new()) } else { self.clone() }
    }

    /// The way of parameters: back from the holder to the issuer.
    pub(crate) fn of_params(&self) -> Self {
        let Terms { issuer, holder, life, back, .. } = &*self.0;
        let back_again = if kept(Rule::WayBackIsGuarded) { life.clone() } else { Life::default() };
        Self::new(holder.clone(), issuer.clone(), back.clone(), back_again, Vec::new())
    }

    /// The whole way of a capability that came along `first` and goes on along this one.
    ///
    /// # Errors
    /// `overloaded` where too many restrictions come together.
    pub(crate) fn after(&self, first: &Self) -> Result<Self, Error> {
        let (first, then) = (&*first.0, &*self.0);
        let life = first.life.and(&then.life)?;
        let back = then.back.and(&first.back)?;
        let mut narrowed = if kept(Rule::MethodsSurvive) { first.narrowed.clone() } else { Vec::new() };
        narrowed.extend(then.narrowed.iter().cloned());
        Ok(Self::new(first.issuer.clone(), then.holder.clone(), life, back, union(narrowed)?))
    }

    fn with(&self, life: Life, back: Life, narrowed: Vec<Rc<Restriction>>) -> Self {
        Self::new(self.0.issuer.clone(), self.0.holder.clone(), life, back, narrowed)
    }
}

/// Equal where both enforce the same.
impl PartialEq for Policy {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
            || self.0.fingerprint == other.0.fingerprint && identity(&self.0).eq(identity(&other.0))
    }
}

impl Eq for Policy {}

impl Hash for Policy {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.fingerprint);
    }
}

/// What tells terms from others: addresses of what they hold, and numbers.
fn identity(terms: &Terms) -> impl Iterator<Item = u64> {
    let narrowed = terms.narrowed.iter().map(|restriction| Rc::as_ptr(restriction) as u64);
    let parties = [terms.issuer.address(), terms.holder.address()];
    // Zeros between the lists, which no address is.
    let lives = terms.life.identity().chain([0]).chain(terms.back.identity());
    parties.into_iter().chain(lives).chain([0]).chain(narrowed)
}

fn fingerprint(terms: &Terms) -> u64 {
    thread_local! {
        static HASHES: RandomState = RandomState::new();
    }
    HASHES.with(|hashes| {
        let mut hasher = hashes.build_hasher();
        identity(terms).for_each(|word| hasher.write_u64(word));
        hasher.finish()
    })
}
