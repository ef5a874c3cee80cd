//! Calls, made and answered.

use ww_player::{Ask, METHODS, Outcome, Reply};

use crate::graph::{Difference, Graph};
use crate::model::{Asked, Call, Node, Ref, Slot, Stage, Value, Way};

impl Graph {
    pub(super) fn call(&mut self, party: usize, numbers: [usize; 7]) -> Result<(), Difference> {
        let [_, place, method, kind, answer, params, more] = numbers;
        let Some(place) = self.choose(party, place) else { return Ok(()) };
        let reply = self.choose_reply(party, place, kind, answer);
        let places = [params / 3, more / 2];
        let params = places.iter().take(params % 3).filter_map(|number| self.choose(party, *number)).collect();
        let (token, pipelined, method) = (self.tokens, more % 2 == 0, method as u16 % METHODS);
        let ask = Ask { token, place, method, params, reply, pipelined };
        self.prepare_call(party, &ask)?;
        self.ask(party, ask)
    }

    /// What the object that is called is told to do, as far as it is known which that is.
    fn choose_reply(&mut self, party: usize, place: usize, kind: usize, number: usize) -> Reply {
        let mut there = number;
        if let Slot::Value(Some(Ref { node: Node::Object(object), way })) = self.model.slot(party, place) {
            let owner = self.model.objects[object];
            let alike = way.and_then(|way| self.counted_alike(owner, &way, number));
            if let Some(place) = alike.filter(|_| kind.is_multiple_of(3)) {
                return Reply::PassOn(place);
            }
            there = self.choose(owner, number).unwrap_or(number);
        }
        match kind % 11 {
            0 => Reply::Nothing,
            1 => Reply::Fail,
            2..=5 => Reply::Give(there),
            6 | 7 => Reply::Later,
            8 | 9 => Reply::LaterKnown(there),
            _ => Reply::PassOn(there),
        }
    }

    /// A reference of a party's whose calls are counted together with those of another one: there may be none left once
    /// that is called.
    fn counted_alike(&self, party: usize, way: &Way, number: usize) -> Option<usize> {
        let slots = self.model.slots[party].iter().enumerate();
        let alike = |slot: &Slot| match slot {
            Slot::Value(Some(Ref { way: Some(other), .. })) => !other.narrow.is_disjoint(&way.narrow),
            _ => false,
        };
        let places: Vec<_> = slots.filter(|(_, slot)| alike(slot)).map(|(place, _)| place).collect();
        (!places.is_empty()).then(|| places[number % places.len()])
    }

    /// Makes a call, in truth and in the model.
    pub(super) fn ask(&mut self, party: usize, mut ask: Ask) -> Result<(), Difference> {
        ask.params.retain(|place| matches!(self.model.slots[party].get(*place), Some(Slot::Value(_))));
        let Some(Slot::Value(_)) = self.model.slots[party].get(ask.place) else { return Ok(()) };
        let inside = self.model.is_inside(party, ask.place);
        let mut params = Vec::new();
        for place in &ask.params {
            if let Slot::Value(value) = self.model.taken(party, *place, inside) {
                params.push(value);
            }
        }
        let Slot::Value(target) = self.model.slot(party, ask.place) else { return Ok(()) };
        let own = matches!(target, Some(Ref { way: None, .. }));
        ask.pipelined &= !own || self.player(party).promises();
        // One more for a call that is made inside it.
        self.tokens += 2;
        self.log.push(format!("{party} calls: {ask:?} -- on {target:?}"));
        let asked = Asked { method: ask.method, reply: ask.reply, inside };
        let stage = Stage::Ended { outcome: Outcome::Failed, gave: None };
        let call = Call { caller: party, asked, ways: Vec::new(), stage, pipelined: None };
        let mut call = self.model.dispatch(call, ask.token, target, params);
        if ask.pipelined {
            call.pipelined = self.take_pipelined(&call);
        }
        self.model.calls.insert(ask.token, call);
        self.player(party).call(&ask);
        self.player(party).take_pipelined();
        for token in [ask.token, Reply::inside(ask.token)] {
            if matches!(self.model.calls.get(&token), Some(Call { stage: Stage::Ended { .. }, .. })) {
                self.poll(token)?;
            }
        }
        Ok(())
    }

    /// The caller's reference to what a call will give: itself, where that is known.
    fn take_pipelined(&mut self, call: &Call) -> Option<usize> {
        let known: Value = match &call.stage {
            Stage::Ended { gave, .. } => gave.clone().flatten(),
            Stage::Parked { known: Some(known), .. } => self.model.arriving(call, known.clone()),
            _ => {
                let promise = self.model.promise();
                self.model.give(call.caller, Some(Ref { node: Node::Promise(promise), way: None }));
                return Some(promise);
            }
        };
        self.model.give(call.caller, known);
        None
    }

    pub(super) fn answer(&mut self, numbers: [usize; 7]) -> Result<(), Difference> {
        let waiting: Vec<_> = self.waiting().collect();
        if waiting.is_empty() {
            return Ok(());
        }
        let (token, object) = waiting[numbers[0] % waiting.len()];
        let owner = self.model.objects[object];
        let given = match self.choose(owner, numbers[1]) {
            Some(place) if !numbers[2].is_multiple_of(5) => {
                let inside = self.model.calls[&token].asked.inside;
                self.model.picked(owner, place, inside).map(|value| (place, value))
            }
            _ => None,
        };
        self.log.push(format!("{owner} answers call {token} with {given:?}"));
        if let Some(Stage::Parked { known, answer, .. }) = self.model.calls.get_mut(&token).map(|call| &mut call.stage)
        {
            *answer = Some(known.clone().or(given.as_ref().map(|(_, value)| value.clone())));
        }
        self.player(owner).answer(token, given.map(|(place, _)| place));
        self.poll_all()
    }

    /// The calls that wait at objects, and at which.
    pub(super) fn waiting(&self) -> impl Iterator<Item = (usize, usize)> {
        self.model.calls.iter().filter_map(|(token, call)| match call.stage {
            Stage::Parked { object, answer: None, .. } => Some((*token, object)),
            _ => None,
        })
    }

    /// Only calls without anything that hangs on them.
    pub(super) fn forget(&mut self, numbers: [usize; 7]) {
        let all: Vec<_> =
            self.model.calls.iter().filter(|(_, call)| call.pipelined.is_none()).map(|(token, _)| *token).collect();
        if !all.is_empty() {
            self.forget_call(all[numbers[0] % all.len()]);
        }
    }

    pub(super) fn forget_call(&mut self, token: usize) {
        self.model.let_go(token);
        if let Some(call) = self.model.calls.remove(&token) {
            self.log.push(format!("{} gives up call {token}", call.caller));
            self.player(call.caller).forget(token);
        }
    }

    /// Everybody looks after their calls.
    pub(super) fn poll_all(&mut self) -> Result<(), Difference> {
        self.look_after_all();
        let all: Vec<_> = self.model.calls.keys().copied().collect();
        all.into_iter().try_for_each(|token| self.poll(token))
    }

    fn poll(&mut self, token: usize) -> Result<(), Difference> {
        self.model.drive(token);
        let call = self.model.calls[&token].clone();
        let found = self.player(call.caller).poll(token);
        let expected = match call.stage {
            Stage::Ended { outcome, gave } => {
                self.model.calls.remove(&token);
                gave.into_iter().for_each(|value| self.model.give(call.caller, value));
                Some(outcome)
            }
            _ => None,
        };
        let agree = match (&expected, &found) {
            (Some(Outcome::Failed), Some(found)) => !matches!(found, Outcome::Done(_)),
            (expected, found) => expected == found,
        };
        if agree { Ok(()) } else { Err(format!("call {token}: expected {expected:?}, found {found:?}")) }
    }
}
