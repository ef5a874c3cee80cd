//! What is different where calls go on by themselves, as those of cells do.
//!
//! In this process a call goes on when its caller looks after it, so a graph says when that is. What a cell calls, its host
//! looks after at once: there, so does the graph, after every step. Two things cannot be said then. Nobody looks after what
//! nobody has woken, so a dead call is noticed when the worker sweeps; before that, only such steps are done as depend on
//! nothing that has ended. And where one step lets several parties go on, what they do comes in any order; such steps are
//! left out.

use ww_player::{Ask, Reply};

use crate::graph::{Difference, Graph};
use crate::model::{Node, Ref, Slot};
use crate::step::Kind;

impl Graph {
    /// Before a step.
    pub(super) fn prepare(&mut self, kind: Kind) -> Result<(), Difference> {
        self.model.made.clear();
        let wakes = matches!(kind, Kind::Keep | Kind::Answer | Kind::Forget | Kind::Poll | Kind::Revoke);
        if wakes { self.notice_first() } else { Ok(()) }
    }

    /// Before a call on a promise: that looks after what the promise comes from.
    pub(super) fn prepare_call(&mut self, party: usize, ask: &Ask) -> Result<(), Difference> {
        let called = self.model.slot(party, ask.place);
        let promised = matches!(called, Slot::Value(Some(Ref { node: Node::Promise(_), .. })));
        if promised || matches!(ask.reply, Reply::PassOn(_)) { self.notice_first() } else { Ok(()) }
    }

    /// The worker notices the end of an epoch before something is done that wakes those who would find out.
    fn notice_first(&mut self) -> Result<(), Difference> {
        if self.parties.are_prompt() && self.model.is_unswept() {
            self.sweep();
            return self.go_on();
        }
        Ok(())
    }

    /// After a step: all calls go on as far as they can.
    pub(super) fn go_on(&mut self) -> Result<(), Difference> {
        if self.parties.are_prompt() && !self.model.is_unswept() { self.poll_all() } else { Ok(()) }
    }

    /// All calls go on, before anybody takes what one has come to.
    pub(super) fn look_after_all(&mut self) {
        while self.parties.are_prompt() {
            let before = self.model.progress();
            for token in self.model.calls.keys().copied().collect::<Vec<_>>() {
                self.model.drive(token);
                self.player(self.model.calls[&token].caller).look_after(token);
            }
            if self.model.progress() == before {
                return;
            }
        }
    }

    /// Whether the step that was just done let calls on more than one promise go on.
    pub(super) fn look_for_tangles(&mut self) {
        if self.parties.are_prompt() && self.model.made.len() > 1 {
            self.tangled.get_or_insert(self.steps);
        }
    }
}
