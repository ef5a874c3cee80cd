//! How long authority lasts.

use std::rc::{Rc, Weak};

use capnp::Error;

use crate::epoch::Authority;
use crate::mortals::{Mortal, Mortals, Place};
use crate::restriction::Restriction;
use crate::rules::{Rule, kept};

/// How many restrictions may end one capability. Each is looked at in every call.
pub const MAX_REVOKERS: usize = 16;

/// Until when something can be used: while an epoch lasts, and nothing in a list is revoked. The default is for ever.
#[derive(Clone, Default)]
pub(crate) struct Life {
    epoch: Option<Epoch>,
    /// Sorted by address, each once.
    ends: Vec<Rc<Restriction>>,
}

#[derive(Clone)]
struct Epoch {
    authority: Authority,
    number: u64,
}

impl Life {
    /// While this epoch lasts.
    pub(crate) fn of_epoch(authority: &Authority, number: u64) -> Self {
        Self { epoch: Some(Epoch { authority: authority.clone(), number }), ends: Vec::new() }
    }

    /// Until this is revoked.
    pub(crate) fn until_revoked(restriction: Rc<Restriction>) -> Self {
        Self { epoch: None, ends: vec![restriction] }
    }

    /// Whether the epoch lasts.
    ///
    /// # Errors
    /// `disconnected` where it has ended.
    pub(crate) fn in_epoch(&self) -> Result<(), Error> {
        match &self.epoch {
            Some(Epoch { authority, number }) if authority.epoch() != *number => Err(epoch_ended(*number)),
            _ => Ok(()),
        }
    }

    /// Whether nothing was revoked.
    ///
    /// # Errors
    /// `disconnected` where something was.
    pub(crate) fn unrevoked(&self) -> Result<(), Error> {
        if self.ends.iter().any(|restriction| restriction.is_revoked()) {
            return Err(Error::disconnected("this capability was revoked".into()));
        }
        Ok(())
    }

    /// Whether it lasts.
    ///
    /// # Errors
    /// `disconnected` where it has ended, saying how.
    pub(crate) fn lasts(&self) -> Result<(), Error> {
        self.in_epoch()?;
        self.unrevoked()
    }

    /// Whether nothing but an epoch ends it.
    pub(crate) fn is_plain(&self) -> bool {
        self.ends.is_empty()
    }

    /// As long as both last.
    ///
    /// # Errors
    /// `overloaded` where too much could be revoked.
    pub(crate) fn and(&self, other: &Self) -> Result<Self, Error> {
        let epoch = match (&self.epoch, &other.epoch) {
            // Epochs only grow: when the older one lasts, there is no newer one.
            (Some(one), Some(another)) if kept(Rule::OlderEpochCounts) => {
                Some(if one.number < another.number { one } else { another })
            }
            (one, another) => one.as_ref().or(another.as_ref()),
        };
        let mut ends = if kept(Rule::RevocationSurvives) { self.ends.clone() } else { Vec::new() };
        ends.extend(other.ends.iter().cloned());
        Ok(Self { epoch: epoch.cloned(), ends: union(ends)? })
    }

    /// Adds somebody whom its end concerns.
    pub(crate) fn concern(&self, epochs: &Rc<Mortals>, mortal: &Weak<dyn Mortal>) -> Concern {
        Concern {
            _epoch: self.epoch.as_ref().map(|_| epochs.add(mortal.clone())),
            _ends: self.ends.iter().map(|restriction| restriction.mortals().add(mortal.clone())).collect(),
        }
    }

    /// Whether it can end at all.
    pub(crate) fn is_mortal(&self) -> bool {
        self.epoch.is_some() || !self.ends.is_empty()
    }

    /// The numbers that tell it from others.
    pub(crate) fn identity(&self) -> impl Iterator<Item = u64> {
        let epoch = self.epoch.as_ref().map_or(u64::MAX, |epoch| epoch.number);
        std::iter::once(epoch).chain(self.ends.iter().map(address))
    }
}

fn epoch_ended(number: u64) -> Error {
    Error::disconnected(format!("granted under epoch {number}, which has ended; graft again"))
}

fn address(restriction: &Rc<Restriction>) -> u64 {
    Rc::as_ptr(restriction) as u64
}

/// Each of the restrictions once, in the order that lists of them have.
///
/// # Errors
/// `overloaded` where there are too many.
pub(crate) fn union(mut restrictions: Vec<Rc<Restriction>>) -> Result<Vec<Rc<Restriction>>, Error> {
    restrictions.sort_unstable_by_key(address);
    restrictions.dedup_by_key(|restriction| address(restriction));
    if restrictions.len() > MAX_REVOKERS {
        let text = format!("this capability was restricted {MAX_REVOKERS} times, which is the limit");
        return Err(Error::overloaded(text));
    }
    Ok(restrictions)
}

/// Somebody's places among those whom the end of a life concerns.
pub(crate) struct Concern {
    _epoch: Option<Place>,
    _ends: Vec<Place>,
}
