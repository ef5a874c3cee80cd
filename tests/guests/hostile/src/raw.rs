//! The functions of `wetware:cell/calls`, with what they return taken apart, and nothing else.

use std::fmt;

use ww_call::table::{NULL, SENDERS};
use ww_call::wire::{Event, EventReader, Outcome, OutcomeHead, error_from_words};

use crate::bindings::wetware::cell::calls;
pub(crate) use crate::bindings::wetware::cell::calls::readable;

/// The host's object that every guest has: its Membrane.
pub(crate) const MEMBRANE: u32 = 0;

/// `wait` without end.
pub(crate) const FOR_EVER: u64 = u64::MAX;

/// The words of a message, and its handles.
#[derive(Debug, Clone, Default)]
pub(crate) struct Message {
    pub first: Vec<u64>,
    pub rest: Vec<Vec<u64>>,
    pub handles: Vec<u32>,
}

/// What became of a call.
pub(crate) enum Answer {
    /// Done, with objects of the host's.
    Done(Vec<u32>),
    Failed(String),
    Pending(u32),
}

impl fmt::Display for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done(_) => formatter.write_str("done"),
            Self::Failed(text) => write!(formatter, "failed: {text}"),
            Self::Pending(_) => formatter.write_str("pending"),
        }
    }
}

/// Calls a method of an object of the host's.
pub(crate) fn call(target: u32, interface: u64, method: u16, params: &Message) -> Answer {
    let Message { first, rest, handles } = params;
    let (head, words, long, lent) = calls::call(target, interface, method, 0, first, rest, handles);
    let head = OutcomeHead::decode(head).expect("an outcome");
    match head.outcome {
        Outcome::Done => Answer::Done(lent.unwrap_or_default().into_iter().map(object).collect()),
        Outcome::Pending => Answer::Pending(head.number),
        Outcome::Failed => {
            let (a, b, c, d, e, f, g, h) = words;
            let words = long.map_or_else(|| vec![a, b, c, d, e, f, g, h], |long| long.concat());
            Answer::Failed(error_from_words(head.error, &words, head.number as usize).extra)
        }
    }
}

/// The object that a pending call will return in its first pointer.
pub(crate) fn pipelined(call: u32) -> u32 {
    object(calls::pipelined(call, &[0]))
}

/// Answers a call.
pub(crate) fn reply(call: u32, answer: &Message) {
    calls::reply(call, OutcomeHead::done(0).encode(), &answer.first, &answer.rest, &answer.handles);
}

/// Gives back objects of the host's, each as often as it says, and fetches what happened.
pub(crate) fn wait(releases: &[(u32, u32)], timeout: u64) -> Vec<Event> {
    let releases: Vec<u64> =
        releases.iter().map(|(object, count)| u64::from(*object) | u64::from(*count) << 32).collect();
    let (words, long) = calls::wait(&releases, timeout);
    EventReader::new(words, long).collect()
}

/// The objects of the host's that events bring.
pub(crate) fn objects(events: &[Event]) -> Vec<(u32, u32)> {
    let handles = events.iter().flat_map(|event| match event {
        Event::Completed { results, .. } => &results.handles[..],
        Event::Incoming { params, .. } => &params.handles[..],
        _ => &[],
    });
    handles.filter(|handle| *handle & SENDERS != 0 && **handle != NULL).map(|handle| (object(*handle), 1)).collect()
}

/// The number of an object of the host's, by which it is called.
fn object(handle: u32) -> u32 {
    handle & !SENDERS
}
