//! The calls of a guest, from the host's side: what it has to answer, and what it keeps for the guest.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// The calls that the RPC system has a place for.
#[derive(Default)]
pub(super) struct Answers {
    calls: HashMap<u32, Stage>,
    given_up: usize,
    held_words: usize,
    kept_words: usize,
}

enum Stage {
    /// It is not answered, and its parameters are held. `used`: the guest has used what it will return.
    Called { words: usize, used: bool },
    /// The guest does not want the answer any more. If the call ends by that, there never is one, and the library keeps
    /// its place. Where the guest uses what it will return, it goes on, with its parameters.
    GivenUp { words: usize },
    /// The results are kept until the guest has finished with them.
    Returned { words: usize, lent: Vec<u32> },
}

impl Answers {
    /// Calls that the guest has made and not finished.
    pub(super) fn outstanding(&self) -> usize {
        self.calls.len() - self.given_up
    }

    /// Calls that it has finished before they were answered, and that are not answered still.
    pub(super) fn given_up(&self) -> usize {
        self.given_up
    }

    /// Words of the parameters that are held.
    pub(super) fn held_words(&self) -> usize {
        self.held_words
    }

    /// Words of the results that are kept.
    pub(super) fn kept_words(&self) -> usize {
        self.kept_words
    }

    /// The guest makes a call, in a message of so many words. A number that is taken is the library's to refuse.
    pub(super) fn called(&mut self, id: u32, words: usize) {
        if let Entry::Vacant(call) = self.calls.entry(id) {
            self.held_words += words;
            call.insert(Stage::Called { words, used: false });
        }
    }

    /// The guest uses what a call will return.
    pub(super) fn used(&mut self, id: u32) {
        if let Some(Stage::Called { used, .. }) = self.calls.get_mut(&id) {
            *used = true;
        }
    }

    /// The host answers a call, in a message of so many words that lends these objects. `awaited`: the guest will say
    /// when it has finished with them.
    pub(super) fn returned(&mut self, id: u32, awaited: bool, words: usize, lent: Vec<u32>) {
        let Some(stage) = self.calls.remove(&id) else { return };
        match stage {
            Stage::GivenUp { words } => {
                self.given_up -= 1;
                self.held_words -= words;
                return;
            }
            Stage::Called { words, .. } => self.held_words -= words,
            Stage::Returned { words, .. } => self.kept_words -= words,
        }
        if awaited {
            self.kept_words += words;
            self.calls.insert(id, Stage::Returned { words, lent });
        }
    }

    /// The guest has finished a call: the objects that its results had lent.
    pub(super) fn finished(&mut self, id: u32) -> Vec<u32> {
        match self.calls.remove(&id) {
            Some(Stage::Called { words, used }) => {
                let words = if used { words } else { self.let_go(words) };
                self.given_up += 1;
                self.calls.insert(id, Stage::GivenUp { words });
            }
            Some(given_up @ Stage::GivenUp { .. }) => drop(self.calls.insert(id, given_up)),
            Some(Stage::Returned { words, lent }) => {
                self.kept_words -= words;
                return lent;
            }
            None => {}
        }
        Vec::new()
    }

    /// The parameters of a call are not held any more: no words of it are.
    fn let_go(&mut self, words: usize) -> usize {
        self.held_words -= words;
        0
    }
}
