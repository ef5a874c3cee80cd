//! Holding more of the host than there is: calls, capabilities, promises, results.

use std::time::Duration;

use ww_call::wire::Event;

use crate::objects::{call_mirror, carrying, graft, mirror, own, restrict, served};
use crate::raw::{Answer, FOR_EVER, MEMBRANE, Message, objects, pipelined, reply, wait};
use crate::tally::Tally;

/// How often what is refused is tried again, unless the environment says otherwise.
const MANY: u32 = 100_000;

fn many() -> u32 {
    std::env::var("MANY").ok().and_then(|many| many.parse().ok()).unwrap_or(MANY)
}

pub(crate) fn held() {
    let mirror = mirror();
    let calls: Tally = (0..10_000).map(|_| call_mirror(mirror, &Message::default())).collect();
    println!("{calls}");
    served();
}

/// Calls what is answered at once, for ever.
pub(crate) fn flood() {
    while let Answer::Done(_) = graft() {}
}

pub(crate) fn capabilities() {
    let kept: Tally = (0..MANY).map(|_| restrict(MEMBRANE)).collect();
    println!("{kept}");
}

pub(crate) fn capabilities_in_turn() {
    let mut calls = Tally::default();
    for _ in 0..many() {
        let answer = restrict(MEMBRANE);
        calls.add(&answer);
        if let Answer::Done(objects) = answer {
            let releases: Vec<_> = objects.into_iter().map(|object| (object, 1)).collect();
            wait(&releases, 0);
        }
    }
    println!("{}", calls.refusal().unwrap_or("all are given"));
}

pub(crate) fn capabilities_at_once() {
    let handles = (0..MANY).map(own).collect();
    let call = call_mirror(mirror(), &Message { handles, ..Message::default() });
    println!("{call}");
}

/// The host has to keep what is called for later.
pub(crate) fn capabilities_of_its_own() {
    let Answer::Pending(call) = call_mirror(mirror(), &Message::default()) else { panic!("nobody answers") };
    let later = pipelined(call);
    let calls: Tally = (0..MANY / 1000)
        .map(|part| {
            let handles = (0..1000).map(|number| own(part * 1000 + number)).collect();
            call_mirror(later, &Message { handles, ..Message::default() })
        })
        .collect();
    println!("{calls}");
}

pub(crate) fn restricted_again() {
    let mut restricted = own(1);
    let mut calls = Tally::default();
    for _ in 0..many() {
        let answer = restrict(restricted);
        calls.add(&answer);
        if let Answer::Done(objects) = answer {
            restricted = objects[0];
        }
    }
    println!("{} were made, then {}", calls.made(), calls.refusal().unwrap_or("no more"));
}

/// Calls what a call will return, and what that one will return, and so on.
pub(crate) fn pipeline() {
    let mut object = mirror();
    let mut calls = Tally::default();
    for _ in 0..many() {
        let answer = call_mirror(object, &Message::default());
        calls.add(&answer);
        if let Answer::Pending(call) = answer {
            object = pipelined(call);
        }
    }
    println!("{} were made, then {}", calls.made(), calls.refusal().unwrap_or("no more"));
    served();
}

/// A promise that turns out to be another one, and so on; at last there is an object. It keeps the first one alone.
pub(crate) fn promises() {
    let mirror = mirror();
    let mut promise = Promise::new(mirror);
    let first = promise.object;
    for _ in 0..10_000 {
        let next = Promise::new(mirror);
        reply(promise.call, &carrying(next.object));
        let mut releases = objects(&wait(&[], FOR_EVER));
        if promise.object != first {
            releases.push((promise.object, 1));
        }
        wait(&releases, 0);
        promise = next;
    }
    reply(promise.call, &carrying(own(2)));
    println!("{}", call_mirror(first, &Message::default()));
    served();
}

/// What a call of the guest's own will return, and how it is called to return it.
struct Promise {
    object: u32,
    call: u32,
}

impl Promise {
    fn new(mirror: u32) -> Self {
        let Answer::Pending(call) = call_mirror(mirror, &Message::default()) else { panic!("nobody answers") };
        Self { object: pipelined(call), call: incoming() }
    }
}

/// The next call for an object of the guest's own.
pub(crate) fn incoming() -> u32 {
    loop {
        for event in wait(&[], FOR_EVER) {
            if let Event::Incoming { call, .. } = event {
                return call;
            }
        }
    }
}

/// Has the host hold many results, and never asks for one.
pub(crate) fn results() {
    let mirror = mirror();
    let calls: Tally = (0..100).map(|_| call_mirror(mirror, &Message::default())).collect();
    println!("{calls}");
    let result = Message { first: vec![0; 128 << 10], ..Message::default() };
    for event in wait(&[], 0) {
        if let Event::Incoming { call, .. } = event {
            reply(call, &result);
            // The host has its turn, but the guest does not fetch anything.
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}
