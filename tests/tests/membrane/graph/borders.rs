//! What the host and the cells have of each other's.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use ww_cell::Holdings;

use crate::graph::{Difference, Graph};
use crate::model::{Node, Ref, Slot};

impl Graph {
    /// When no call is under way: the host has lent to a cell what its party holds, and holds of it what others can call.
    ///
    /// One reference can be two to a cell, where it was promised before it was given; and what it was promised may be an
    /// object of its own, which the host holds for it then. What is dead may be an object of a guest's that fails every call.
    /// So both are known but for that.
    pub(super) fn check_borders(&mut self) -> Result<(), Difference> {
        self.parties.settle();
        for (party, found) in self.holdings() {
            let (lent, received) = (self.lent(party), self.received(party));
            let idle = (found.calls, found.asked) == (0, 0);
            if !idle || !lent.contains(&found.lent) || !received.contains(&found.received) {
                return Err(format!(
                    "the cell of {party}: expected {lent:?} and {received:?} objects, found {found:?}"
                ));
            }
        }
        Ok(())
    }

    /// When everybody has dropped everything: there is no guard any more, and cells have what they had at the start.
    pub(super) fn check_nothing_left(&mut self) -> Result<(), Difference> {
        self.parties.settle();
        let worker = &self.parties.worker;
        let left = (worker.guards(), worker.in_flight());
        if left != (0, 0) {
            return Err(format!("guards and calls that are left: {left:?}"));
        }
        for (party, found) in self.holdings() {
            let (lent, received) = (self.basis_of_lent(party), self.basis_of_received(party));
            let expected = Holdings { lent, received, calls: 0, asked: 0 };
            if found != expected {
                return Err(format!("left of the cell of {party}: expected {expected:?}, found {found:?}"));
            }
        }
        Ok(())
    }

    fn holdings(&self) -> Vec<(usize, Holdings)> {
        let all = self.parties.connections.iter().enumerate();
        all.filter_map(|(party, connection)| Some((party, connection.as_ref()?.holdings()))).collect()
    }

    /// What a party has anyway: its Membrane, and the ends of its restrictions.
    fn basis_of_lent(&self, party: usize) -> usize {
        1 + self.revokers.iter().filter(|owner| **owner == Some(party)).count()
    }

    /// What the host has anyway: what gives the orders, and what a provider supplies.
    fn basis_of_received(&self, party: usize) -> usize {
        1 + usize::from(party < self.parties.providers)
    }

    fn lent(&self, party: usize) -> RangeInclusive<usize> {
        let slots = || self.model.slots[party].iter();
        let most = slots().filter(|slot| matches!(slot, Slot::Value(_))).count();
        let different: BTreeSet<_> = slots()
            .filter_map(|slot| match slot {
                Slot::Value(Some(Ref { node, way: Some(way) })) => Some((*node, way.clone().canonical())),
                _ => None,
            })
            .filter(|(_, way)| self.model.alive(&way.ends))
            .collect();
        let basis = self.basis_of_lent(party);
        basis + different.len()..=basis + most
    }

    fn received(&self, party: usize) -> RangeInclusive<usize> {
        let (mut foreign, mut own) = (BTreeSet::new(), BTreeSet::new());
        for reference in self.model.slots.iter().flatten() {
            if let Slot::Value(Some(reference @ Ref { node: Node::Object(object), way })) = reference
                && self.model.objects[*object] == party
                && *object >= self.parties.providers
                && self.model.usable(reference)
            {
                if way.is_some() {
                    foreign.insert(*object)
                } else {
                    own.insert(*object)
                };
            }
        }
        let dead = self.model.slots.iter().flatten().filter(|slot| matches!(slot, Slot::Value(None))).count();
        let least = self.basis_of_received(party) + foreign.len();
        least..=least + own.difference(&foreign).count() + dead
    }
}
