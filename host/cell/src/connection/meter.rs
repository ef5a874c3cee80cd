//! Counts what goes over an RPC connection.
//!
//! The library bounds neither the calls that a guest has outstanding, nor the objects that it holds, nor what it leaves
//! unread. So every message is looked at as it passes.

use std::cell::RefCell;
use std::collections::HashSet;

use capnp::Error;
use capnp_rpc::rpc_capnp::{cap_descriptor, disembargo, finish, message, message_target, payload, resolve, return_};
use ww_call::limits::{MAX_CAPS, MAX_MESSAGE_WORDS, MAX_PIPELINE_DEPTH};

use super::answers::Answers;
use super::frame::Refused;
use super::references::{References, lent_by, lent_with};
use crate::limits::{CALLS, EMBARGOES, GIVEN_UP, HELD_BYTES, OBJECTS, QUEUED_BYTES};

/// What one connection has outstanding.
#[derive(Default)]
pub(super) struct Meter {
    counts: RefCell<Counts>,
    exceeded: RefCell<Option<String>>,
}

#[derive(Default)]
struct Counts {
    /// Of the guest's calls.
    answers: Answers,
    /// Objects of the host's that the guest holds.
    lent: References,
    /// Objects of the guest's that the host holds.
    received: References,
    /// The host's calls that it has given up, and that the guest has not answered: of those it takes no objects.
    given_up: HashSet<u32>,
    /// Promises of the guest's that came home and that it has not let calls pass to yet.
    embargoes: usize,
}

impl Meter {
    /// The limit that was exceeded, if one was.
    pub(super) fn exceeded(&self) -> Option<String> {
        self.exceeded.borrow().clone()
    }

    /// A limit was exceeded. The first one is what the guest is ended by.
    pub(super) fn exceed(&self, text: String) {
        self.exceeded.borrow_mut().get_or_insert(text);
    }

    /// So many bytes wait for room in the pipe to the guest.
    pub(super) fn waits(&self, bytes: usize) {
        self.limit("bytes unread", bytes, QUEUED_BYTES);
    }

    /// A message of so many words goes to the guest.
    pub(super) fn sent(&self, message: message::Reader<'_>, words: usize) -> capnp::Result<()> {
        let mut counts = self.counts.borrow_mut();
        match message.which()? {
            message::Return(answer) => {
                let answer = answer?;
                let lent = results(answer)?.map_or(Ok(Vec::new()), lent_with)?;
                lent.iter().for_each(|id| counts.lent.lend(*id));
                let awaited = !answer.get_no_finish_needed();
                counts.answers.returned(answer.get_answer_id(), awaited, words, lent);
            }
            message::Call(call) => lent_with(call?.get_params()?)?.into_iter().for_each(|id| counts.lent.lend(id)),
            message::Resolve(resolve) => {
                resolved(resolve?, &mut counts.lent)?;
            }
            message::Finish(finish) => counts.finish(finish?),
            message::Release(release) => {
                let release = release?;
                counts.received.give_back(release.get_id(), release.get_reference_count());
            }
            message::Disembargo(disembargo) => {
                if let disembargo::context::SenderLoopback(_) = disembargo?.get_context().which()? {
                    counts.embargoes += 1;
                }
            }
            _ => {}
        }
        self.check(&counts);
        Ok(())
    }

    /// A message of so many words has come from the guest.
    ///
    /// # Errors
    /// Where it is malformed.
    pub(super) fn got(&self, message: message::Reader<'_>, words: usize) -> capnp::Result<()> {
        // The library has an answer to those that nobody knows.
        let Ok(which) = message.which() else { return Ok(()) };
        let mut counts = self.counts.borrow_mut();
        match which {
            message::Call(call) => {
                let call = call?;
                counts.answers.called(call.get_question_id(), words);
                if let message_target::PromisedAnswer(answer) = call.get_target()?.which()? {
                    counts.answers.used(answer?.get_question_id());
                }
                self.receive(call.get_params()?, &mut counts)?;
            }
            message::Bootstrap(bootstrap) => counts.answers.called(bootstrap?.get_question_id(), 0),
            message::Finish(finish) => {
                let finish = finish?;
                let lent = counts.answers.finished(finish.get_question_id());
                if finish.get_release_result_caps() {
                    lent.into_iter().for_each(|id| counts.lent.give_back(id, 1));
                }
            }
            message::Return(answer) => {
                let answer = answer?;
                let awaited = !counts.given_up.remove(&answer.get_answer_id());
                if let (true, Some(results)) = (awaited, results(answer)?) {
                    self.receive(results, &mut counts)?;
                    self.limit_results(results, words)?;
                }
            }
            message::Resolve(resolve) => {
                let row = resolved(resolve?, &mut counts.received)?;
                // Whoever uses the first one goes through all of them, each on top of the stack of the one before.
                self.limit("promises of promises in a row", row as usize, MAX_PIPELINE_DEPTH as usize);
            }
            message::Release(release) => {
                let release = release?;
                counts.lent.give_back(release.get_id(), release.get_reference_count());
            }
            message::Disembargo(disembargo) => {
                if let disembargo::context::ReceiverLoopback(_) = disembargo?.get_context().which()? {
                    counts.embargoes = counts.embargoes.saturating_sub(1);
                }
            }
            _ => {}
        }
        self.check(&counts);
        Ok(())
    }

    /// The guest sends capabilities.
    fn receive(&self, payload: payload::Reader<'_>, counts: &mut Counts) -> capnp::Result<()> {
        let table = payload.get_cap_table()?;
        if let Err(refused) = Refused::above(MAX_CAPS, table.len() as usize, "capabilities") {
            self.exceed(refused.to_string());
        }
        for descriptor in table {
            match descriptor.which()? {
                cap_descriptor::SenderHosted(id) | cap_descriptor::SenderPromise(id) => counts.received.lend(id),
                cap_descriptor::ReceiverAnswer(answer) => counts.answers.used(answer?.get_question_id()),
                _ => {}
            }
        }
        Ok(())
    }

    /// The guest answers in a message of so many words. Parameters that are too long are refused by who is called, but
    /// nobody stands between results and who asked for them.
    ///
    /// # Errors
    /// Where they are too long.
    fn limit_results(&self, results: payload::Reader<'_>, words: usize) -> capnp::Result<()> {
        if words > MAX_MESSAGE_WORDS {
            // Not what RPC puts around it: the content, and the pointer to it.
            let content = results.get_content().target_size()?.word_count.saturating_add(1);
            Refused::above(MAX_MESSAGE_WORDS, content as usize, "words").map_err(|refused| self.end_by(&refused))?;
        }
        Ok(())
    }

    /// The error by which a connection ends whose guest says more than is taken: whoever waits for the guest sees it, too.
    pub(super) fn end_by(&self, refused: &Refused) -> Error {
        self.exceed(refused.to_string());
        Error::disconnected(refused.to_string())
    }

    fn check(&self, counts: &Counts) {
        self.limit("calls outstanding", counts.answers.outstanding(), CALLS);
        self.limit("bytes of parameters outstanding", counts.answers.held_words() * 8, HELD_BYTES);
        self.limit("calls that it gave up", counts.answers.given_up(), GIVEN_UP);
        self.limit("bytes of results not finished", counts.answers.kept_words() * 8, HELD_BYTES);
        self.limit("objects of the host's", counts.lent.objects(), OBJECTS);
        self.limit("objects with the host", counts.received.objects(), OBJECTS);
        self.limit("promises that it holds calls back from", counts.embargoes, EMBARGOES);
    }

    fn limit(&self, what: &str, is: usize, limit: usize) {
        if is > limit {
            self.exceed(format!("the guest has {is} {what}, the limit is {limit}"));
        }
    }
}

impl Counts {
    /// The host finishes a call of its own. One that is not answered yet is given up, with what the answer will lend.
    fn finish(&mut self, finish: finish::Reader<'_>) {
        if finish.get_release_result_caps() {
            self.given_up.insert(finish.get_question_id());
        }
    }
}

fn results(answer: return_::Reader<'_>) -> capnp::Result<Option<payload::Reader<'_>>> {
    match answer.which()? {
        return_::Results(results) => results.map(Some),
        _ => Ok(None),
    }
}

/// A promise has turned out to be something. Returns how many promises in a row lead to that.
fn resolved(resolve: resolve::Reader<'_>, references: &mut References) -> capnp::Result<u32> {
    Ok(match resolve.which()? {
        resolve::Cap(descriptor) => match lent_by(descriptor?)? {
            Some(id) => references.lend_for(resolve.get_promise_id(), id),
            None => 0,
        },
        resolve::Exception(_) => 0,
    })
}
