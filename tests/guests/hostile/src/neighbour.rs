//! No attack: the one that is attacked. It waits, and calls, and waits again; its node's `Stopwatch` has the time.

use ww_call::wire::Event;

use crate::raw::{Answer, FOR_EVER, MEMBRANE, Message, call, wait};

/// The methods of the stopwatch.
const SLEEPS: u16 = 0;
const WAKES: u16 = 1;

/// How long it waits, in nanoseconds.
const NAP: u64 = 1_000_000;

/// Goes on until its connection is closed.
pub(crate) fn run() {
    loop {
        stopwatch(SLEEPS);
        if is_over(&wait(&[], NAP)) {
            return;
        }
        match stopwatch(WAKES) {
            Answer::Pending(_) => {}
            Answer::Failed(_) => return,
            Answer::Done(_) => panic!("this one is answered later"),
        }
        if is_over(&wait(&[], FOR_EVER)) {
            return;
        }
    }
}

fn stopwatch(method: u16) -> Answer {
    call(MEMBRANE, 0, method, &Message::default())
}

fn is_over(events: &[Event]) -> bool {
    events.iter().any(|event| matches!(event, Event::Closed { .. }))
}
