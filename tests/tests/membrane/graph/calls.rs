//! Calls, made and answered.

use crate::graph::{Difference, Graph};
use crate::model::{Asked, Call, Node, Outcome, Ref, Reply, Slot, Stage, Value};
use crate::player::{Ask, METHODS};

impl Graph {
    pub(super) fn call(&mut self, party: usize, numbers: [usize; 7]) -> Result<(), Difference> {
        let [_, place, method, kind, answer, params, more] = numbers;
        let count = self.model.slots[party].len();
        let reply = match kind % 10 {
            0 => Reply::Nothing,
            1 => Reply::Fail,
            2..=5 => Reply::Give(answer),
            6 | 7 => Reply::Later,
            _ => Reply::LaterKnown(answer),
        };
        let places = [params / 3, more / 2];
        let params = places.iter().take(params % 3).map(|place| place % count.max(1)).collect();
        let (token, pipelined, method) = (self.tokens, more % 2 == 0, method as u16 % METHODS);
        self.ask(party, Ask { token, place: place % count.max(1), method, params, reply, pipelined })
    }

    /// Makes a call, in truth and in the model.
    pub(super) fn ask(&mut self, party: usize, mut ask: Ask) -> Result<(), Difference> {
        ask.params.retain(|place| matches!(self.model.slots[party].get(*place), Some(Slot::Value(_))));
        let Some(Slot::Value(_)) = self.model.slots[party].get(ask.place) else { return Ok(()) };
        let mut params = Vec::new();
        for place in &ask.params {
            if let Slot::Value(value) = self.model.slot(party, *place) {
                params.push(value);
            }
        }
        let Slot::Value(target) = self.model.slot(party, ask.place) else { return Ok(()) };
        self.tokens += 1;
        self.log.push(format!("{party} calls: {ask:?} -- on {target:?}"));
        let asked = Asked { method: ask.method, reply: ask.reply };
        let stage = Stage::Ended { outcome: Outcome::Failed, gave: None };
        let call = Call { caller: party, asked, ways: Vec::new(), stage, pipelined: None };
        let mut call = self.model.dispatch(call, ask.token, target, params);
        if ask.pipelined {
            call.pipelined = self.take_pipelined(&call);
        }
        let at_once = matches!(call.stage, Stage::Ended { .. });
        self.model.calls.insert(ask.token, call);
        self.parties.players[party].call(&ask);
        if at_once { self.poll(ask.token) } else { Ok(()) }
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
        let place = numbers[1] % self.model.slots[owner].len().max(1);
        let given = if numbers[2].is_multiple_of(5) {
            None
        } else {
            self.model.picked(owner, place).map(|value| (place, value))
        };
        self.log.push(format!("{owner} answers call {token} with {given:?}"));
        if let Some(Stage::Parked { known, answer, .. }) = self.model.calls.get_mut(&token).map(|call| &mut call.stage)
        {
            *answer = Some(known.clone().or(given.as_ref().map(|(_, value)| value.clone())));
        }
        self.parties.players[owner].answer(token, given.map(|(place, _)| place));
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
            self.parties.players[call.caller].forget(token);
        }
    }

    /// Everybody looks after their calls.
    pub(super) fn poll_all(&mut self) -> Result<(), Difference> {
        let all: Vec<_> = self.model.calls.keys().copied().collect();
        all.into_iter().try_for_each(|token| self.poll(token))
    }

    fn poll(&mut self, token: usize) -> Result<(), Difference> {
        self.model.drive(token);
        let call = self.model.calls[&token].clone();
        let found = self.parties.players[call.caller].poll(token);
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
