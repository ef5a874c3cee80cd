//! Whether truth and model agree.

use std::collections::BTreeSet;

use capnp::private::capability::ClientHook;
use membrane::guard::layers;
use ww_player::{Ask, METHODS, Reply, State};

use crate::graph::{Difference, Graph};
use crate::model::{Node, Ref, Slot};

impl Graph {
    /// What can be seen after every step: who has how many references, and which calls wait at objects.
    pub(super) fn compare(&mut self) -> Result<(), Difference> {
        for (party, found) in self.states().into_iter().enumerate() {
            let waiting = self.waiting().filter(|(_, object)| self.model.objects[*object] == party);
            let expected = (self.model.slots[party].len(), waiting.map(|(token, _)| token).collect());
            if (found.places, &found.waiting) != (expected.0, &expected.1) {
                return Err(format!("party {party} has {found:?}, expected places and calls: {expected:?}"));
            }
        }
        Ok(())
    }

    /// What can be seen of all parties, when nothing changes any more: a call that is over may have kept alive what another
    /// one waited for, and so on.
    fn states(&mut self) -> Vec<State> {
        let mut states = Vec::new();
        loop {
            let seen: Vec<_> = (0..self.parties.players.len()).map(|party| self.player(party).state()).collect();
            if seen == states {
                return states;
            }
            states = seen;
        }
    }

    /// Calls everything that can be called.
    pub(super) fn call_all(&mut self) -> Result<(), Difference> {
        for party in 0..self.parties.players.len() {
            for place in 0..self.model.slots[party].len() {
                self.probe(party, place)?;
            }
        }
        Ok(())
    }

    /// A call that ends at once.
    pub(super) fn probe(&mut self, party: usize, place: usize) -> Result<(), Difference> {
        if let Slot::Value(Some(Ref { node: Node::Promise(_), .. })) = self.model.slot(party, place) {
            return Ok(());
        }
        let (token, method) = (self.tokens, self.tokens as u16 % METHODS);
        self.ask(party, Ask { token, place, method, params: Vec::new(), reply: Reply::Nothing, pipelined: false })
    }

    /// An object is alive exactly as long as somebody can call it.
    pub(super) fn check_alive(&mut self) -> Result<(), Difference> {
        for (party, found) in self.states().into_iter().enumerate() {
            let own = (0..self.model.objects.len()).filter(|object| self.model.objects[*object] == party);
            let alive = |object: &usize| *object < self.parties.providers || self.model.is_reachable(*object);
            let expected: BTreeSet<_> = own.filter(alive).collect();
            if expected != found.alive {
                return Err(format!("the objects of {party} that are alive: expected {expected:?}, found {found:?}"));
            }
        }
        Ok(())
    }

    /// Of all references: one's own are bare; others have one guard around them, the same for the same way.
    pub(super) fn look_at_all(&mut self) -> Result<(), Difference> {
        for party in 0..self.parties.players.len() {
            let mut known: Vec<(Ref, Box<dyn ClientHook>, usize)> = Vec::new();
            for place in 0..self.model.slots[party].len() {
                let Slot::Value(Some(reference)) = self.model.slot(party, place) else { continue };
                if !self.model.usable(&reference) {
                    continue;
                }
                let hook = self.player(party).look(place);
                let (expected, found) = (usize::from(reference.way.is_some()), layers(&*hook));
                if expected != found {
                    return Err(format!("party {party} has {found} guards around {reference:?} at {place}"));
                }
                let reference = reference.canonical();
                for (other, held, at) in &known {
                    if (*other == reference) != (held.get_ptr() == hook.get_ptr()) {
                        let equal = *other == reference;
                        return Err(format!(
                            "party {party}: {place} is the same as {at}: expected {equal}; {reference:?}"
                        ));
                    }
                }
                known.push((reference, hook, place));
            }
        }
        Ok(())
    }
}
