//! Who may call what: a small model, without guards, messages or futures.
//!
//! Every reference has a way, the list of everything that was said about it since it left its object. What may be done
//! with it follows from that list alone.

mod calls;
mod knots;
mod way;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use calls::{Asked, Call, Stage};
pub(crate) use way::{End, Way};

/// What a reference leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Node {
    Object(usize),
    Promise(usize),
}

/// A reference that somebody holds. Without a way it is one to an object of its holder's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ref {
    pub node: Node,
    pub way: Option<Way>,
}

impl Ref {
    /// The same for all that are the same reference.
    pub(crate) fn canonical(self) -> Self {
        Self { way: self.way.map(Way::canonical), ..self }
    }
}

/// A reference; none where it is dead for good.
pub(crate) type Value = Option<Ref>;

/// A place of a party's for a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Slot {
    /// It was dropped.
    Empty,
    Value(Value),
}

#[derive(Debug)]
pub(crate) struct Restriction {
    /// Which methods, as bits.
    pub methods: u16,
    /// Whether it is about the interface that the objects have at all.
    pub right_interface: bool,
    pub left: Option<u64>,
    pub revoked: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Promised {
    pub kept: Option<Value>,
    /// The calls that wait for it, in order.
    pub held: Vec<usize>,
}

#[derive(Debug, Default)]
pub(crate) struct Model {
    pub epoch: u64,
    pub slots: Vec<Vec<Slot>>,
    /// Whose promises others see kept: those who are in no cell.
    promising: Vec<bool>,
    /// The owner of each object.
    pub objects: Vec<usize>,
    pub promises: Vec<Promised>,
    pub restrictions: Vec<Restriction>,
    pub calls: BTreeMap<usize, Call>,
    /// Whether calls wait for each other in a circle. They are no guard's business, and keep alive what they carry.
    pub knotted: bool,
    /// The promises on which calls waited that were made when it was kept, since somebody has cleared this.
    pub made: BTreeSet<usize>,
    /// The calls that are being driven because others wait for them.
    driven: BTreeSet<usize>,
    /// The promises that are being kept.
    keeping: BTreeSet<usize>,
    /// Places that were used while the promise that they lead to was being kept.
    used: Vec<(usize, usize)>,
    /// The epoch whose end the worker has noticed last.
    swept: u64,
}

impl Model {
    /// Parties who have nothing yet, each with whether others see its promises kept.
    pub(crate) fn new(promising: Vec<bool>) -> Self {
        Self { slots: vec![Vec::new(); promising.len()], promising, ..Self::default() }
    }

    /// The worker lets go of what died with an epoch.
    pub(crate) fn sweep(&mut self) {
        self.swept = self.epoch;
        self.visit(End::Epoch(0));
    }

    /// Whether an epoch has ended since the worker looked last.
    pub(crate) fn is_unswept(&self) -> bool {
        self.swept != self.epoch
    }

    /// Whether nothing has ended.
    pub(crate) fn alive<'a>(&self, ends: impl IntoIterator<Item = &'a End>) -> bool {
        ends.into_iter().all(|end| match end {
            End::Epoch(epoch) => *epoch == self.epoch,
            End::Revocation(restriction) => !self.restrictions[*restriction].revoked,
        })
    }

    /// Whether calls can be made at all.
    pub(crate) fn usable(&self, reference: &Ref) -> bool {
        let Some(way) = &reference.way else { return true };
        self.alive(&way.ends) && !self.is_spent(way)
    }

    fn is_spent(&self, way: &Way) -> bool {
        way.narrow.iter().any(|restriction| self.restrictions[*restriction].left == Some(0))
    }

    /// What has become of a reference, where it leads to a promise that was kept.
    pub(crate) fn settled(&self, value: Value) -> Value {
        let mut value = value;
        while let Some(Ref { node: Node::Promise(promise), way }) = &value {
            let Some(kept) = self.promises[*promise].kept.clone() else { break };
            value = match way {
                Some(way) => self.cross(kept, way),
                None => kept,
            };
        }
        value
    }

    /// What arrives where a reference goes a way.
    pub(crate) fn cross(&self, value: Value, way: &Way) -> Value {
        let Ref { node, way: first } = self.settled(value)?;
        let (home, whole) = match first {
            None => (way.issuer == way.holder && way.is_plain(), way.clone()),
            Some(first) => {
                let plain = first.is_plain() && self.alive(&first.ends) && way.narrow.is_empty();
                (first.issuer == way.holder && plain, way.after(&first))
            }
        };
        if home && self.alive(&way.ends) {
            return Some(Ref { node, way: None });
        }
        let reference = Ref { node, way: Some(whole) };
        self.usable(&reference).then_some(reference)
    }

    /// Gives a party a reference.
    pub(crate) fn give(&mut self, party: usize, value: Value) {
        self.slots[party].push(Slot::Value(value));
    }

    /// What a party has in one of its places, followed to its end.
    ///
    /// To a cell, what it was given twice is one reference of its host's: where one place is followed, all of them are.
    pub(crate) fn slot(&mut self, party: usize, index: usize) -> Slot {
        let slot = self.slots[party][index].clone();
        let Slot::Value(Some(reference @ Ref { node: Node::Promise(_), .. })) = slot else { return slot };
        let settled = Slot::Value(self.settled(Some(reference.clone())));
        if self.promising[party] {
            self.slots[party][index] = settled.clone();
            return settled;
        }
        if let Slot::Value(Some(Ref { node: Node::Promise(promise), .. })) = &settled
            && self.keeping.contains(promise)
        {
            self.used.push((party, index));
        }
        let same = reference.canonical();
        let shared = |slot: &Slot| matches!(slot, Slot::Value(Some(other)) if other.clone().canonical() == same);
        for slot in self.slots[party].iter_mut().filter(|slot| shared(slot)) {
            *slot = settled.clone();
        }
        settled
    }

    /// A new object, and its owner's reference to it.
    pub(crate) fn make(&mut self, owner: usize) -> usize {
        let object = self.objects.len();
        self.objects.push(owner);
        self.give(owner, Some(Ref { node: Node::Object(object), way: None }));
        object
    }

    /// A new promise.
    pub(crate) fn promise(&mut self) -> usize {
        self.promises.push(Promised { kept: None, held: Vec::new() });
        self.promises.len() - 1
    }

    /// Whether somebody can reach an object, or keeps it for others.
    pub(crate) fn is_reachable(&self, object: usize) -> bool {
        let leads = |reference: &Ref| reference.node == Node::Object(object) && self.usable(reference);
        let mut all = self.slots.iter().flatten();
        all.any(|slot| matches!(slot, Slot::Value(Some(reference)) if leads(reference)))
    }
}
