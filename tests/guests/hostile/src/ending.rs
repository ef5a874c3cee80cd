//! Ending, at the worst moments.

use crate::calls::incoming;
use crate::objects::{call_mirror, mirror};
use crate::raw::Message;
use crate::streams::Streams;

pub(crate) fn panics_at_once() {
    panic!("before anything");
}

/// With calls of its own pending, and calls to answer.
pub(crate) fn panics_in_calls() {
    calls_itself();
    panic!("in the middle of calls");
}

pub(crate) fn panics_connected() {
    let _streams = Streams::connect();
    panic!("with the streams open");
}

pub(crate) fn exits_in_calls() {
    calls_itself();
    println!("leaves");
    std::process::exit(0);
}

fn calls_itself() {
    let mirror = mirror();
    for _ in 0..1000 {
        call_mirror(mirror, &Message::default());
    }
    incoming();
}
