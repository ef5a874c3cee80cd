//! A graph: parties that pass references around, in truth and in the model.

mod authority;
mod borders;
mod calls;
mod check;
mod end;
mod prompt;

use ww_player::Player;

use crate::model::{Model, Node, Ref, Slot};
use crate::parties::Parties;
use crate::step::{Kind, Step};

/// Of so many references that are chosen, one is any, useful or not, and so many are useful, but may be one's own.
const KINDS: usize = 8;
const OWN: usize = 4;

/// What differs between truth and model.
pub(crate) type Difference = String;

pub(crate) struct Graph {
    pub parties: Parties,
    pub model: Model,
    /// Promises to be kept: whose they are, and the places of the references to them.
    promises: Vec<(usize, usize, usize)>,
    /// Whose restriction each is, where it was made.
    revokers: Vec<Option<usize>>,
    tokens: usize,
    /// How many steps there were.
    steps: usize,
    /// The step in which the order was anybody's guess.
    pub tangled: Option<usize>,
    /// What was done, to be read.
    pub log: Vec<String>,
}

impl Graph {
    pub(crate) fn new(parties: Parties) -> Self {
        let model = Model::new(parties.players.iter().map(|player| player.promises()).collect());
        let (promises, revokers, tokens, steps, tangled, log) = Default::default();
        let mut graph = Self { parties, model, promises, revokers, tokens, steps, tangled, log };
        (0..graph.parties.providers).for_each(|provider| {
            graph.model.make(provider);
        });
        graph
    }

    /// A party, when nothing moves any more.
    fn player(&mut self, party: usize) -> &mut dyn Player {
        self.parties.settle();
        &mut *self.parties.players[party]
    }

    /// # Errors
    /// What differs then.
    pub(crate) fn step(&mut self, step: &Step) -> Result<(), Difference> {
        if self.model.knotted || self.tangled.is_some() {
            return Ok(());
        }
        let done = self.prepare(step.kind).and_then(|()| self.do_step(step));
        self.look_for_tangles();
        self.steps += 1;
        done
    }

    fn do_step(&mut self, step: &Step) -> Result<(), Difference> {
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
            // Whoever has nothing of anybody else's any more grafts first.
            Kind::Call if party >= self.parties.providers && self.has_nothing(party) => self.graft(party)?,
            Kind::Call => self.call(party, numbers)?,
            Kind::Answer => self.answer(numbers)?,
            Kind::Forget => self.forget(numbers),
            Kind::Poll => self.poll_all()?,
            Kind::Restrict => self.restrict(caller, numbers)?,
            Kind::Revoke => self.revoke(numbers),
            Kind::Advance => self.advance(),
            Kind::Sweep => self.sweep(),
        }
        self.go_on()?;
        self.compare()
    }

    fn make(&mut self, party: usize) {
        let object = self.model.make(party);
        self.log.push(format!("{party} makes object {object}, at {}", self.model.slots[party].len() - 1));
        self.player(party).make(object);
    }

    fn promise(&mut self, party: usize) {
        if self.player(party).promises() {
            self.player(party).promise();
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
        let Some(place) = self.choose(party, numbers[1]) else { return Ok(()) };
        // A party that has dropped its own reference cannot keep the promise any more.
        let held = self.model.slot(party, at) != Slot::Empty;
        if let (true, Slot::Value(value)) = (held, self.model.slot(party, place)) {
            self.log.push(format!("{party} keeps promise {promise} with what is at {place}"));
            self.model.keep(promise, value);
            self.player(party).keep(at, place);
            self.poll_all()?;
        }
        Ok(())
    }

    fn has_nothing(&self, party: usize) -> bool {
        let foreign = |slot: &Slot| match slot {
            Slot::Value(Some(reference)) => reference.way.is_some() && self.model.usable(reference),
            _ => false,
        };
        !self.model.slots[party].iter().any(foreign)
    }

    /// One of a party's places: mostly one with something that can be used, and more often somebody else's than its own, or
    /// most of a graph would do nothing.
    fn choose(&self, party: usize, number: usize) -> Option<usize> {
        let (kind, number) = (number % KINDS, number / KINDS);
        let useful = |slot: &Slot| match slot {
            Slot::Value(Some(reference)) => self.model.usable(reference) && (kind < OWN || reference.way.is_some()),
            _ => false,
        };
        let slots = &self.model.slots[party];
        let places: Vec<_> = (0..slots.len()).filter(|place| useful(&slots[*place])).collect();
        if kind == 0 || places.is_empty() {
            return (!slots.is_empty()).then(|| number % slots.len());
        }
        Some(places[number % places.len()])
    }

    fn drop_reference(&mut self, party: usize, numbers: [usize; 7]) {
        let slots = &mut self.model.slots[party];
        if !slots.is_empty() {
            let place = numbers[1] % slots.len();
            slots[place] = Slot::Empty;
            self.log.push(format!("{party} drops what is at {place}"));
            self.player(party).drop_reference(place);
        }
    }
}
