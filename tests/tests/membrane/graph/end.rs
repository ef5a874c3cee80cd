//! The end of a graph.

use crate::graph::{Difference, Graph};
use crate::model::{Model, Node, Ref, Slot};
use crate::step::Step;

impl Graph {
    /// The end of a graph: all that is there is looked at, then everything is ended, and looked at again.
    ///
    /// # Errors
    /// What differs then.
    pub(crate) fn end(&mut self, more: &[Step]) -> Result<(), Difference> {
        if self.model.knotted || self.tangled.is_some() {
            return Ok(());
        }
        self.notice();
        self.go_on()?;
        self.compare()?;
        self.look_at_all()?;
        self.call_all()?;
        self.end_calls()?;
        self.check_alive()?;
        self.check_borders()?;
        self.drop_own();
        self.check_alive()?;
        if more.is_empty() {
            return self.leave();
        }
        let before = self.model.slots.clone();
        self.advance();
        self.call_what_was_granted(&before)?;
        self.sweep();
        self.go_on()?;
        self.compare()?;
        self.check_alive()?;
        self.call_what_was_granted(&before)?;
        // What goes on under authority that has ended keeps nothing alive, without another sweep.
        more.iter().try_for_each(|step| self.step(step))?;
        if self.model.knotted || self.tangled.is_some() {
            return Ok(());
        }
        self.notice();
        self.go_on()?;
        self.look_at_all()?;
        self.end_calls()?;
        self.check_alive()?;
        self.drop_own();
        self.check_alive()?;
        self.leave()
    }

    /// Everybody drops all that is good for anything: what is left is dead, and keeps nothing alive. Then they drop that as
    /// well, and nothing is left.
    fn leave(&mut self) -> Result<(), Difference> {
        self.drop_all(|model, slot| matches!(slot, Slot::Value(Some(reference)) if model.usable(reference)));
        self.check_alive()?;
        self.check_borders()?;
        self.drop_all(|_, slot| matches!(slot, Slot::Value(_)));
        self.check_nothing_left()
    }

    /// The worker notices that an epoch has ended, where it has not: nothing else may need it.
    pub(super) fn notice(&mut self) {
        if self.model.is_unswept() {
            self.sweep();
        }
    }

    /// Everybody drops their references to objects of their own: only what others can still call is alive then.
    fn drop_own(&mut self) {
        self.drop_all(|_, slot| matches!(slot, Slot::Value(Some(Ref { way: None, .. }))));
    }

    /// Everybody drops all of a kind.
    fn drop_all(&mut self, is_meant: fn(&Model, &Slot) -> bool) {
        for party in 0..self.parties.players.len() {
            for place in 0..self.model.slots[party].len() {
                if is_meant(&self.model, &self.model.slots[party][place]) {
                    self.model.slots[party][place] = Slot::Empty;
                    self.player(party).drop_reference(place);
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

    /// Gives up all calls, and drops the references to what will never come.
    fn end_calls(&mut self) -> Result<(), Difference> {
        for token in self.model.calls.keys().copied().rev().collect::<Vec<_>>() {
            self.forget_call(token);
        }
        for party in 0..self.parties.players.len() {
            for place in 0..self.model.slots[party].len() {
                if let Slot::Value(Some(Ref { node: Node::Promise(_), .. })) = self.model.slot(party, place) {
                    self.model.slots[party][place] = Slot::Empty;
                    self.player(party).drop_reference(place);
                } else {
                    self.player(party).settle(place);
                }
            }
        }
        self.promises.clear();
        // The objects learn that nobody waits.
        self.compare()
    }
}
