//! What is granted, narrowed and ended.

use ww_player::{INTERFACE, METHODS, OTHER_INTERFACE};

use crate::graph::{Difference, Graph};
use crate::model::{End, Node, Ref, Restriction, Slot, Way};

/// How many restrictions a graph has at most: so few that none is refused for their number.
const RESTRICTIONS: usize = 12;

/// How many calls a restriction allows; 0 for any number.
const CALLS: [u64; 6] = [0, 0, 1, 1, 2, 4];

impl Graph {
    pub(super) fn graft(&mut self, caller: usize) -> Result<(), Difference> {
        self.log.push(format!("{caller} grafts, to {}", self.model.slots[caller].len()));
        self.player(caller).graft()?;
        for provider in 0..self.parties.providers {
            let root = Some(Ref { node: Node::Object(provider), way: None });
            let way = Way::granted(provider, caller, self.model.epoch);
            let value = self.model.cross(root, &way);
            self.model.give(caller, value);
        }
        Ok(())
    }

    pub(super) fn restrict(&mut self, caller: usize, numbers: [usize; 7]) -> Result<(), Difference> {
        let [_, place, methods, calls, interface, ..] = numbers;
        let restriction = self.model.restrictions.len();
        let Some(place) = self.choose(caller, place).filter(|_| restriction < RESTRICTIONS) else { return Ok(()) };
        let Slot::Value(value) = self.model.slot(caller, place) else { return Ok(()) };
        let (calls, right_interface) = (CALLS[calls % CALLS.len()], interface % 12 != 0);
        let methods = methods as u16 % (1 << METHODS);
        let left = (calls > 0).then_some(calls);
        self.model.restrictions.push(Restriction { methods, right_interface, left, revoked: false });
        self.log.push(format!("{caller} restricts {place}: {:?}", self.model.restrictions[restriction]));
        let given = self.model.cross(value, &Way::restricting(caller, restriction));
        let list: Vec<u16> = (0..METHODS).filter(|method| methods & 1 << method != 0).collect();
        let interface = if right_interface { INTERFACE } else { OTHER_INTERFACE };
        let done = self.player(caller).restrict(restriction, place, interface, &list, calls);
        // What is dead may be refused, or be something else that is dead.
        if given.is_some() && !done {
            return Err(format!("restricting {place}: expected {given:?}"));
        }
        if done {
            self.model.give(caller, given);
        }
        self.revokers.push(done.then_some(caller));
        Ok(())
    }

    pub(super) fn revoke(&mut self, numbers: [usize; 7]) {
        if !self.revokers.is_empty() {
            let restriction = numbers[0] % self.revokers.len();
            self.log.push(format!("restriction {restriction} is revoked"));
            self.model.restrictions[restriction].revoked = true;
            self.model.visit(End::Revocation(restriction));
            if let Some(owner) = self.revokers[restriction] {
                self.player(owner).revoke(restriction);
            }
        }
    }

    pub(super) fn advance(&mut self) {
        self.log.push("the epoch advances".to_owned());
        self.model.epoch += 1;
        self.parties.settle();
        self.parties.authority.advance();
    }

    pub(super) fn sweep(&mut self) {
        self.log.push("the worker sweeps".to_owned());
        self.model.sweep();
        self.parties.settle();
        self.parties.worker.sweep();
    }
}
