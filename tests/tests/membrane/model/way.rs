//! Ways of references, as a plain list of everything that can end them.

use std::collections::BTreeSet;

/// What can end a way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum End {
    /// The end of this epoch.
    Epoch(u64),
    /// The revocation of this restriction.
    Revocation(usize),
}

/// From whom a reference came, to whom, and what has been said about it in between.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Way {
    pub issuer: usize,
    pub holder: usize,
    /// What ends it for its holder.
    pub ends: BTreeSet<End>,
    /// What ends, for the issuer, what it gets as parameters.
    pub back: BTreeSet<End>,
    /// The restrictions that say what can be called.
    pub narrow: BTreeSet<usize>,
}

impl Way {
    /// What a caller is granted by a provider.
    pub(crate) fn granted(issuer: usize, holder: usize, epoch: u64) -> Self {
        let (back, narrow) = Default::default();
        Self { issuer, holder, ends: [End::Epoch(epoch)].into(), back, narrow }
    }

    /// What a caller does to what it has.
    pub(crate) fn restricting(holder: usize, restriction: usize) -> Self {
        let ends = [End::Revocation(restriction)].into();
        Self { issuer: holder, holder, ends, back: BTreeSet::new(), narrow: [restriction].into() }
    }

    pub(crate) fn is_plain(&self) -> bool {
        !self.ends.iter().any(|end| matches!(end, End::Revocation(_)))
    }

    pub(crate) fn of_results(&self) -> Self {
        Self { narrow: BTreeSet::new(), ..self.clone() }
    }

    pub(crate) fn of_params(&self) -> Self {
        let Self { issuer, holder, ends, back, .. } = self.clone();
        Self { issuer: holder, holder: issuer, ends: back, back: ends, narrow: BTreeSet::new() }
    }

    /// First that way, then this one.
    pub(crate) fn after(&self, first: &Self) -> Self {
        let both = |one: &BTreeSet<End>, other: &BTreeSet<End>| one.union(other).copied().collect();
        Self {
            issuer: first.issuer,
            holder: self.holder,
            ends: both(&first.ends, &self.ends),
            back: both(&first.back, &self.back),
            narrow: first.narrow.union(&self.narrow).copied().collect(),
        }
    }

    /// The same for all that say the same: of several epochs only the oldest says anything.
    pub(crate) fn canonical(self) -> Self {
        let oldest = |ends: &BTreeSet<End>| {
            let mut epochs = ends.iter().filter(|end| matches!(end, End::Epoch(_)));
            let oldest = epochs.next().copied();
            let revocations = ends.iter().copied().filter(|end| matches!(end, End::Revocation(_)));
            revocations.chain(oldest).collect()
        };
        Self { ends: oldest(&self.ends), back: oldest(&self.back), ..self }
    }
}
