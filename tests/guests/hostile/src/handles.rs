//! Numbers that mean nothing: of objects and of calls that never were, that are gone, that were used before.

use ww_call::table::NULL;

use crate::bindings::wetware::cell::calls::{cancel, pipelined};
use crate::calls::incoming;
use crate::noise::Noise;
use crate::objects::{GRAFT, INTERFACE, RESTRICT, call_mirror, carrying, mirror, own, restrict, served};
use crate::raw::{Answer, MEMBRANE, Message, call, reply, wait};
use crate::tally::Tally;

const MANY: u32 = 10_000;

/// Numbers of objects that it was never given.
pub(crate) fn forged() {
    let numbers = (1..MANY).chain((1..MANY).map(|number| number << 16)).chain([NULL >> 1, NULL]);
    let called: Tally = numbers.clone().map(|number| call(number, INTERFACE, GRAFT, &Message::default())).collect();
    println!("called: {called}");
    let sent: Tally = numbers.filter(|number| *number < NULL >> 1).map(restrict).collect();
    println!("sent: {sent}");
    served();
}

/// Objects that it has given back, and gives back again.
pub(crate) fn stale() {
    let object = mirror();
    wait(&[(object, 1)], 0);
    println!("{}", call_mirror(object, &Message::default()));
    println!("{}", restrict(object));
    wait(&[(object, 1), (object, u32::MAX), (MEMBRANE, u32::MAX), (object, 0)], 0);
    let kept = mirror();
    wait(&[(kept, 2), (kept, 0)], 0);
    println!("{}", restrict(kept));
    served();
}

/// Calls that were never made, and those that are over.
pub(crate) fn calls() {
    for number in (0..MANY).chain([u32::MAX]) {
        cancel(number);
        reply(number, &Message::default());
    }
    println!("{}", call(pipelined(7, &[0]) & !(1 << 31), INTERFACE, GRAFT, &Message::default()));

    let mirror = mirror();
    let Answer::Pending(made) = call_mirror(mirror, &Message::default()) else { panic!("nobody answers") };
    let received = incoming();
    for number in [own(2), own(3), MEMBRANE] {
        reply(received, &carrying(number));
    }
    println!("{} events", wait(&[], 1_000_000_000).len());
    (0..3).for_each(|_| cancel(made));
    wait(&[], 0);
    reply(received, &Message::default());
    served();
}

/// Words that are no message.
pub(crate) fn malformed() {
    let mut noise = Noise::default();
    let far = |segment: u64| segment << 32 | 2;
    // Each structure has one pointer, to the next one; the last one is the first.
    let endless = vec![1 << 48, 1 << 48 | 0xffff_fff8];
    let deep = vec![1 << 48; 10_000];
    let known = [
        Message { first: vec![far(1)], rest: vec![vec![far(0)]], handles: vec![] },
        Message { first: endless, ..Message::default() },
        Message { first: deep, ..Message::default() },
        Message { first: vec![1 << 48, 3 | 7 << 32], ..Message::default() },
        Message { first: vec![u64::MAX; 64], ..Message::default() },
    ];
    let random = (0..MANY).map(|_| {
        let mut segment = || (0..noise.below(8)).map(|_| noise.word()).collect::<Vec<_>>();
        let (first, rest) = (segment(), vec![segment(), segment()]);
        Message { first, rest, handles: vec![NULL, own(1)] }
    });
    let messages: Vec<_> = known.into_iter().chain(random).collect();
    for (name, method) in [("graft", GRAFT), ("restrict", RESTRICT)] {
        let calls: Tally = messages.iter().map(|message| call(MEMBRANE, INTERFACE, method, message)).collect();
        println!("{name}: {calls}");
    }
    served();
}
