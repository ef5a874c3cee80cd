//! Calls, as the model sees them.

use ww_player::{Outcome, Reply};

use super::{End, Model, Node, Ref, Slot, Value, Way};

/// What a caller asks for.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub method: u16,
    pub reply: Reply,
    /// Whether the call stays within a cell: what it carries is passed on as it is.
    pub inside: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum Stage {
    /// It waits for a promise, with its parameters as the promise's owner got them.
    Held { promise: usize, params: Vec<Value> },
    /// What it waited for is there, and is being called.
    Making,
    /// It waits at an object, whose owner may have said already what it will give, or may have given it.
    Parked { object: usize, known: Option<Value>, answer: Option<Option<Value>> },
    /// An object has answered, and the answer is on its way.
    Answered { object: usize, given: Option<Value> },
    /// It has ended. What it gave may be nothing.
    Ended { outcome: Outcome, gave: Option<Value> },
}

#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub caller: usize,
    pub asked: Asked,
    /// The ways that its answer goes, the last one first.
    pub ways: Vec<Way>,
    pub stage: Stage,
    /// The promise of what it gives.
    pub pipelined: Option<usize>,
}

impl Model {
    /// A call is made on a reference that `reference` is.
    pub(crate) fn dispatch(&mut self, mut call: Call, token: usize, target: Value, mut params: Vec<Value>) -> Call {
        let Some(Ref { node, way }) = target else { return ended(call, Outcome::Failed) };
        let mut narrow = None;
        if let Some(way) = way {
            if !self.alive(&way.ends) {
                return ended(call, Outcome::Dead);
            }
            if !self.admit(&way, call.asked.method) {
                return ended(call, Outcome::Refused);
            }
            params = params.into_iter().map(|value| self.cross(value, &way.of_params())).collect();
            call.ways.push(way.of_results());
            narrow = Some(way.narrow);
        }
        let call = match node {
            Node::Object(object) => self.serve(call, token, object, params, narrow.is_some()),
            Node::Promise(promise) => {
                self.promises[promise].held.push(token);
                call.stage = Stage::Held { promise, params };
                call
            }
        };
        for restriction in narrow.into_iter().flatten() {
            if self.restrictions[restriction].left == Some(0) {
                self.visit(End::Revocation(restriction));
            }
        }
        call
    }

    fn admit(&mut self, way: &Way, method: u16) -> bool {
        let all = || way.narrow.iter().copied();
        let allowed = all().all(|index| {
            let restriction = &self.restrictions[index];
            restriction.right_interface && restriction.methods & 1 << method != 0 && restriction.left != Some(0)
        });
        if allowed {
            all().for_each(|index| {
                if let Some(left) = &mut self.restrictions[index].left {
                    *left -= 1;
                }
            });
        }
        allowed
    }

    fn serve(&mut self, mut call: Call, token: usize, object: usize, params: Vec<Value>, guarded: bool) -> Call {
        let owner = self.objects[object];
        params.into_iter().for_each(|value| self.give(owner, value));
        call.stage = match call.asked.reply {
            Reply::Nothing => return self.answered(call, object, None, guarded),
            Reply::Fail => {
                if guarded {
                    call.ways.pop();
                }
                return ended(call, Outcome::Refused);
            }
            Reply::Give(place) => {
                let given = self.picked(owner, place, call.asked.inside);
                return self.answered(call, object, given, guarded);
            }
            Reply::PassOn(place) => {
                self.pass_on(owner, Reply::inside(token), call.asked.method, place);
                return self.answered(call, object, None, guarded);
            }
            Reply::LaterKnown(place) if self.promising[owner] => {
                Stage::Parked { object, known: self.picked(owner, place, call.asked.inside), answer: None }
            }
            Reply::Later | Reply::LaterKnown(_) => Stage::Parked { object, known: None, answer: None },
        };
        call
    }

    /// An object of a party's calls what the party has, from inside a call.
    fn pass_on(&mut self, party: usize, token: usize, method: u16, place: usize) {
        let inside = self.is_inside(party, place % self.slots[party].len().max(1));
        let Some(target) = self.picked(party, place, inside) else { return };
        let stage = Stage::Ended { outcome: Outcome::Failed, gave: None };
        let asked = Asked { method, reply: Reply::Nothing, inside };
        let call = Call { caller: party, asked, ways: Vec::new(), stage, pipelined: None };
        let call = self.dispatch(call, token, target, Vec::new());
        self.calls.insert(token, call);
        self.drive(token);
    }

    /// What a party takes from one of its places, for a call that stays within a cell or does not.
    pub(crate) fn picked(&mut self, party: usize, place: usize, inside: bool) -> Option<Value> {
        let count = self.slots[party].len();
        match self.taken(party, place % count.max(1), inside) {
            Slot::Empty => None,
            Slot::Value(value) => Some(value),
        }
    }

    /// What is in one of a party's places: as it is where it stays within a cell, otherwise followed to its end.
    pub(crate) fn taken(&mut self, party: usize, place: usize, inside: bool) -> Slot {
        if inside { self.slots[party][place].clone() } else { self.slot(party, place) }
    }

    /// Whether a call on what is in this place stays within a cell: its host hears nothing of it, and follows nothing.
    pub(crate) fn is_inside(&self, party: usize, place: usize) -> bool {
        let own = |slot: &Slot| matches!(slot, Slot::Value(Some(Ref { node: Node::Object(_), way: None })));
        !self.promising[party] && self.slots[party].get(place).is_some_and(own)
    }

    /// What arrives of what an object gives to a call.
    pub(crate) fn arriving(&self, call: &Call, given: Value) -> Value {
        call.ways.iter().rev().fold(given, |value, way| self.cross(value, way))
    }

    /// An answer that is there at once goes the last of its ways at once, the others when somebody looks.
    fn answered(&self, mut call: Call, object: usize, given: Option<Value>, guarded: bool) -> Call {
        let last = if guarded { call.ways.pop() } else { None };
        let given = match (given, last) {
            (Some(value), Some(way)) => Some(self.cross(value, &way)),
            (given, _) => given,
        };
        if call.ways.is_empty() { self.end(call, object, given) } else { with(call, Stage::Answered { object, given }) }
    }

    fn end(&self, call: Call, object: usize, given: Option<Value>) -> Call {
        let gave = given.map(|value| self.arriving(&call, value));
        let call = Call { ways: Vec::new(), ..call };
        with(call, Stage::Ended { outcome: Outcome::Done(object), gave })
    }

    fn is_dead(&self, call: &Call) -> bool {
        call.ways.iter().any(|way| !self.alive(&way.ends))
    }

    /// Those whom an end concerns are looked at: what is dead is let go of.
    pub(crate) fn visit(&mut self, end: End) {
        let concerned = |way: &Way| match end {
            End::Epoch(_) => way.ends.iter().any(|end| matches!(end, End::Epoch(_))),
            revocation => way.ends.contains(&revocation),
        };
        for token in self.calls.keys().copied().collect::<Vec<_>>() {
            let call = self.calls[&token].clone();
            let goes = call.ways.iter().any(|way| concerned(way) && !self.alive(&way.ends));
            if goes && !matches!(call.stage, Stage::Ended { .. }) {
                self.let_go(token);
                self.calls.insert(token, ended(call, Outcome::Dead));
            }
        }
    }

    /// A call is dropped: nobody waits for it any more.
    pub(crate) fn let_go(&mut self, token: usize) {
        if let Stage::Held { promise, .. } = self.calls[&token].stage {
            self.promises[promise].held.retain(|held| *held != token);
        }
    }

    /// A promise turns out to be something: the calls that waited for it are made.
    pub(crate) fn keep(&mut self, promise: usize, value: Value) {
        // What is made of it may look after what it hangs on.
        if !self.keeping.insert(promise) {
            return;
        }
        self.knotted |= self.is_knot(promise, &value);
        let value = self.settled(value).filter(|reference| reference.node != Node::Promise(promise));
        // They are made before anybody learns what it is, themselves included.
        while !self.promises[promise].held.is_empty() {
            let token = self.promises[promise].held.remove(0);
            let call = self.calls[&token].clone();
            if let Stage::Held { params, .. } = call.stage.clone() {
                self.calls.insert(token, with(call.clone(), Stage::Making));
                if value.is_some() {
                    self.made.insert(promise);
                }
                let call = self.dispatch(call, token, value.clone(), params);
                if matches!(self.calls[&token].stage, Stage::Making) {
                    self.calls.insert(token, call);
                } else if let Stage::Held { promise, .. } = call.stage {
                    // It has died while it was made.
                    self.promises[promise].held.retain(|held| *held != token);
                }
            }
        }
        self.promises[promise].kept = Some(value);
        self.keeping.remove(&promise);
        // A cell hears of a call when all that made it is over: what it calls then is followed to the end.
        for (party, place) in std::mem::take(&mut self.used) {
            self.slot(party, place);
        }
    }

    /// A call is polled: it goes on as far as it can.
    pub(crate) fn drive(&mut self, token: usize) {
        let call = self.calls[&token].clone();
        if self.is_dead(&call) {
            self.let_go(token);
            self.calls.insert(token, ended(call, Outcome::Dead));
            return self.resolve(token);
        }
        match call.stage.clone() {
            Stage::Held { promise, .. } => {
                // It drives what it waits for, unless that is what drives it: then all of them wait for ever.
                let source = self.calls.iter().find(|(_, other)| other.pipelined == Some(promise));
                if let Some(source) = source.map(|(source, _)| *source)
                    && self.driven.insert(token)
                {
                    self.drive(source);
                    self.driven.remove(&token);
                }
                if !matches!(self.calls[&token].stage, Stage::Held { .. }) {
                    self.drive(token);
                }
            }
            Stage::Answered { object, given } | Stage::Parked { object, answer: Some(given), .. } => {
                let call = self.end(call, object, given);
                self.calls.insert(token, call);
                self.resolve(token);
            }
            Stage::Parked { known: Some(value), .. } => self.resolve_to(token, self.arriving(&call, value)),
            Stage::Ended { .. } => self.resolve(token),
            Stage::Parked { .. } | Stage::Making => {}
        }
    }

    /// A number that is another one when a call has gone on.
    pub(crate) fn progress(&self) -> usize {
        let ended = self.calls.values().filter(|call| matches!(call.stage, Stage::Ended { .. })).count();
        ended + self.promises.iter().filter(|promise| promise.kept.is_some()).count()
    }

    fn resolve(&mut self, token: usize) {
        if let Stage::Ended { gave, .. } = self.calls[&token].stage.clone() {
            self.resolve_to(token, gave.flatten());
        }
    }

    fn resolve_to(&mut self, token: usize, value: Value) {
        if let Some(promise) = self.calls[&token].pipelined
            && self.promises[promise].kept.is_none()
        {
            self.keep(promise, value);
        }
    }
}

fn ended(call: Call, outcome: Outcome) -> Call {
    with(call, Stage::Ended { outcome, gave: None })
}

fn with(call: Call, stage: Stage) -> Call {
    Call { stage, ..call }
}
