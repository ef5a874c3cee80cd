//! Whether truth and model agree.

use std::collections::BTreeMap;

use crate::graph::{Difference, Graph};
use crate::model::{End, Node, Ref, Reply, Slot, Way};
use crate::player::{Ask, METHODS, Player};
use crate::step::Step;

impl Graph {
    /// What can be seen after every step: who has how many references, and which calls wait at objects.
    pub(super) fn compare(&mut self) -> Result<(), Difference> {
        for (party, slots) in self.model.slots.iter().enumerate() {
            let (expected, found) = (slots.len(), self.parties.players[party].places());
            if expected != found {
                return Err(format!("party {party} has {found} references, expected {expected}"));
            }
        }
        let waiting: BTreeMap<_, _> = self.waiting().collect();
        for (token, object) in &waiting {
            self.parked.insert((*token, self.model.objects[*object]));
        }
        // A call that is over may have kept alive what another one waited for, and so on.
        let count = |players: &mut Vec<Box<dyn Player>>| {
            self.parked.iter().filter(|(token, owner)| players[*owner].is_waiting(*token)).count()
        };
        while count(&mut self.parties.players) != count(&mut self.parties.players) {}
        for (token, owner) in &self.parked {
            let (expected, found) = (waiting.contains_key(token), self.parties.players[*owner].is_waiting(*token));
            if expected != found {
                return Err(format!("call {token} waits at its object: expected {expected}, found {found}"));
            }
        }
        Ok(())
    }

    /// The end of a graph: all that is there is looked at, then everything is ended, and looked at again.
    ///
    /// # Errors
    /// What differs then.
    pub(crate) fn end(&mut self, more: &[Step]) -> Result<(), Difference> {
        if self.model.knotted {
            return Ok(());
        }
        self.notice();
        self.compare()?;
        self.look_at_all()?;
        self.call_all()?;
        self.end_calls()?;
        self.check_alive()?;
        self.drop_own();
        self.check_alive()?;
        if more.is_empty() {
            return self.leave_the_dead();
        }
        let before = self.model.slots.clone();
        self.advance();
        self.call_what_was_granted(&before)?;
        self.sweep();
        self.compare()?;
        self.check_alive()?;
        self.call_what_was_granted(&before)?;
        // What goes on under authority that has ended keeps nothing alive, without another sweep.
        more.iter().try_for_each(|step| self.step(step))?;
        if self.model.knotted {
            return Ok(());
        }
        self.notice();
        self.look_at_all()?;
        self.end_calls()?;
        self.check_alive()?;
        self.drop_own();
        self.check_alive()?;
        self.leave_the_dead()
    }

    /// Everybody drops all that is good for anything: what is left is dead, and keeps nothing alive.
    fn leave_the_dead(&mut self) -> Result<(), Difference> {
        for party in 0..self.parties.players.len() {
            for place in 0..self.model.slots[party].len() {
                if let Slot::Value(Some(reference)) = &self.model.slots[party][place]
                    && self.model.usable(reference)
                {
                    self.model.slots[party][place] = Slot::Empty;
                    self.parties.players[party].drop_reference(place);
                }
            }
        }
        self.check_alive()
    }

    /// The worker notices that an epoch has ended, where it has not: nothing else may need it.
    fn notice(&mut self) {
        if self.model.is_unswept() {
            self.sweep();
        }
    }

    /// Everybody drops their references to objects of their own: only what others can still call is alive then.
    fn drop_own(&mut self) {
        for party in 0..self.parties.players.len() {
            for place in 0..self.model.slots[party].len() {
                if let Slot::Value(Some(Ref { way: None, .. })) = self.model.slots[party][place] {
                    self.model.slots[party][place] = Slot::Empty;
                    self.parties.players[party].drop_reference(place);
                }
            }
        }
    }

    /// No caller can use anything that others granted it, whatever the model says.
    fn call_what_was_granted(&mut self, before: &[Vec<Slot>]) -> Result<(), Difference> {
        for (caller, slots) in before.iter().enumerate().skip(self.parties.providers) {
            for (place, slot) in slots.iter().enumerate() {
                if let Slot::Value(Some(Ref { node: Node::Object(_), way: Some(way) })) = slot
                    && way.issuer != caller
                {
                    if self.model.alive(&way.ends) {
                        return Err(format!("the model itself lets {caller} use {slot:?}"));
                    }
                    self.probe(caller, place)?;
                }
            }
        }
        Ok(())
    }

    /// Calls everything that can be called.
    fn call_all(&mut self) -> Result<(), Difference> {
        for party in 0..self.parties.players.len() {
            for place in 0..self.model.slots[party].len() {
                self.probe(party, place)?;
            }
        }
        Ok(())
    }

    /// A call that ends at once.
    fn probe(&mut self, party: usize, place: usize) -> Result<(), Difference> {
        if let Slot::Value(Some(Ref { node: Node::Promise(_), .. })) = self.model.slot(party, place) {
            return Ok(());
        }
        let (token, method) = (self.tokens, self.tokens as u16 % METHODS);
        self.ask(party, Ask { token, place, method, params: Vec::new(), reply: Reply::Nothing, pipelined: false })
    }

    /// Gives up all calls, and drops the references to what will never come.
    fn end_calls(&mut self) -> Result<(), Difference> {
        for token in self.model.calls.keys().copied().rev().collect::<Vec<_>>() {
            self.forget_call(token);
        }
        for party in 0..self.parties.players.len() {
            for place in 0..self.model.slots[party].len() {
                if let Slot::Value(Some(Ref { node: Node::Promise(_), .. })) = self.model.slot(party, place) {
                    self.model.slots[party][place] = Slot::Empty;
                    self.parties.players[party].drop_reference(place);
                } else {
                    self.parties.players[party].settle(place);
                }
            }
        }
        self.promises.clear();
        // The objects learn that nobody waits.
        self.compare()
    }

    /// An object is alive exactly as long as somebody can call it.
    fn check_alive(&mut self) -> Result<(), Difference> {
        for (object, owner) in self.model.objects.iter().copied().enumerate() {
            let expected = object < self.parties.providers || self.model.is_reachable(object);
            let found = self.parties.players[owner].is_alive(object);
            if expected != found {
                return Err(format!("object {object} is alive: expected {expected}, found {found}"));
            }
        }
        Ok(())
    }

    /// Of all references: one's own are bare; others have one guard around them, the same for the same way.
    fn look_at_all(&mut self) -> Result<(), Difference> {
        for party in 0..self.parties.players.len() {
            let mut known: Vec<(Ref, usize, usize)> = Vec::new();
            for place in 0..self.model.slots[party].len() {
                let Slot::Value(Some(reference)) = self.model.slot(party, place) else { continue };
                if !self.model.usable(&reference) {
                    continue;
                }
                let facts = self.parties.players[party].facts(place);
                let layers = usize::from(reference.way.is_some());
                if facts.layers.is_some_and(|found| found != layers) {
                    return Err(format!("party {party} has {facts:?} around {reference:?} at {place}"));
                }
                let reference = Ref { way: reference.way.map(canonical), ..reference };
                for (other, identity, at) in &known {
                    if (*other == reference) != (*identity == facts.identity) {
                        let equal = *other == reference;
                        return Err(format!(
                            "party {party}: {place} is the same as {at}: expected {equal}; {reference:?}"
                        ));
                    }
                }
                known.push((reference, facts.identity, place));
            }
        }
        Ok(())
    }
}

/// Of several epochs only the oldest says anything.
fn canonical(way: Way) -> Way {
    let oldest = |ends: &std::collections::BTreeSet<End>| {
        let mut epochs = ends.iter().filter(|end| matches!(end, End::Epoch(_)));
        let oldest = epochs.next().copied();
        let revocations = ends.iter().copied().filter(|end| matches!(end, End::Revocation(_)));
        revocations.chain(oldest).collect()
    };
    Way { ends: oldest(&way.ends), back: oldest(&way.back), ..way }
}
