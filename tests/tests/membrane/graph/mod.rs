//! A graph: parties that pass references around, in truth and in the model.

mod authority;
mod calls;
mod check;

use std::collections::BTreeSet;
use std::rc::Rc;

use membrane::{Authority, Worker};

use crate::model::{Model, Node, Ref, Slot};
use crate::player::Player;
use crate::step::{Kind, Step};

/// The providers come first; the object that a provider made first is what it supplies to callers.
pub(crate) struct Parties {
    pub authority: Authority,
    pub worker: Rc<Worker>,
    pub providers: usize,
    pub players: Vec<Box<dyn Player>>,
}

/// What differs between truth and model.
pub(crate) type Difference = String;

pub(crate) struct Graph {
    pub parties: Parties,
    pub model: Model,
    /// Every call that has waited at an object, and the owner of that.
    parked: BTreeSet<(usize, usize)>,
    /// Promises to be kept: whose they are, and the places of the references to them.
    promises: Vec<(usize, usize, usize)>,
    /// Whose restriction each is.
    revokers: Vec<usize>,
    tokens: usize,
    /// What was done, to be read.
    pub log: Vec<String>,
}

impl Graph {
    pub(crate) fn new(parties: Parties) -> Self {
        let model = Model::new(parties.players.len());
        let (parked, promises, revokers, tokens, log) = Default::default();
        let mut graph = Self { parties, model, parked, promises, revokers, tokens, log };
        (0..graph.parties.providers).for_each(|provider| {
            graph.model.make(provider);
        });
        graph
    }

    /// # Errors
    /// What differs then.
    pub(crate) fn step(&mut self, step: &Step) -> Result<(), Difference> {
        if self.model.knotted {
            return Ok(());
        }
        let count = self.parties.players.len();
        let party = step.numbers[0] % count;
        let caller = self.parties.providers + step.numbers[0] % (count - self.parties.providers);
        let numbers = step.numbers;
        match step.kind {
            Kind::Graft => self.graft(caller)?,
            Kind::Make => self.make(party),
            Kind::Promise => self.promise(party),
            Kind::Keep => self.keep(numbers)?,
            Kind::Drop => self.drop_reference(party, numbers),
            Kind::Call => self.call(party, numbers)?,
            Kind::Answer => self.answer(numbers)?,
            Kind::Forget => self.forget(numbers),
            Kind::Poll => self.poll_all()?,
            Kind::Restrict => self.restrict(caller, numbers)?,
            Kind::Revoke => self.revoke(numbers),
            Kind::Advance => self.advance(),
            Kind::Sweep => self.sweep(),
        }
        self.compare()
    }

    fn make(&mut self, party: usize) {
        let object = self.model.make(party);
        self.log.push(format!("{party} makes object {object}, at {}", self.model.slots[party].len() - 1));
        self.parties.players[party].make(object);
    }

    fn promise(&mut self, party: usize) {
        if self.parties.players[party].promise() {
            let promise = self.model.promise();
            let place = self.model.slots[party].len();
            self.model.give(party, Some(Ref { node: Node::Promise(promise), way: None }));
            self.promises.push((party, place, promise));
            self.log.push(format!("{party} makes promise {promise}, at {place}"));
        }
    }

    fn keep(&mut self, numbers: [usize; 7]) -> Result<(), Difference> {
        if self.promises.is_empty() {
            return Ok(());
        }
        let (party, at, promise) = self.promises.swap_remove(numbers[0] % self.promises.len());
        let place = numbers[1] % self.model.slots[party].len();
        // A party that has dropped its own reference cannot keep the promise any more.
        let held = self.model.slot(party, at) != Slot::Empty;
        if let (true, Slot::Value(value)) = (held, self.model.slot(party, place)) {
            self.log.push(format!("{party} keeps promise {promise} with what is at {place}"));
            self.model.keep(promise, value);
            self.parties.players[party].keep(at, place);
            self.poll_all()?;
        }
        Ok(())
    }

    fn drop_reference(&mut self, party: usize, numbers: [usize; 7]) {
        let slots = &mut self.model.slots[party];
        if !slots.is_empty() {
            let place = numbers[1] % slots.len();
            slots[place] = Slot::Empty;
            self.log.push(format!("{party} drops what is at {place}"));
            self.parties.players[party].drop_reference(place);
        }
    }
}
