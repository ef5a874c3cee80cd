//! Which of the configured capabilities a caller may graft.

use std::collections::BTreeSet;

use crate::name::Name;

/// The operator's word on one caller. Without any, it may graft everything that is configured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grants {
    /// Exactly these, where anything is named at all.
    only: Option<BTreeSet<Name>>,
    /// None of these.
    denied: BTreeSet<Name>,
}

impl Grants {
    /// Grants everything that is configured, less what is denied.
    pub fn all() -> Self {
        Self::default()
    }

    /// Grants nothing that is not named.
    pub fn none() -> Self {
        Self { only: Some(BTreeSet::new()), ..Self::default() }
    }

    /// Grants `name`. From the first one on, nothing is granted that was not named.
    pub fn grant(&mut self, name: Name) {
        self.only.get_or_insert_default().insert(name);
    }

    /// Denies `name`, whether it is granted or not.
    pub fn deny(&mut self, name: Name) {
        self.denied.insert(name);
    }

    /// Whether `name` may be grafted.
    pub fn allows(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(name)) && !self.denied.contains(name)
    }

    /// The names that are granted one by one, where any are.
    pub fn named(&self) -> impl Iterator<Item = &Name> {
        self.only.iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_denied_is_never_granted() {
        let name = |text: &str| text.parse::<Name>().unwrap();
        let mut grants = Grants::all();
        assert!(grants.allows("a"));
        grants.deny(name("a"));
        assert!(!grants.allows("a") && grants.allows("b"));
        grants.grant(name("a"));
        grants.grant(name("b"));
        assert!(!grants.allows("a") && grants.allows("b") && !grants.allows("c"));
        let mut grants = Grants::none();
        assert!(!grants.allows("a"));
        grants.grant(name("a"));
        assert!(grants.allows("a") && !grants.allows("b"));
    }
}
