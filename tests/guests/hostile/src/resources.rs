//! What the component model keeps for a guest.

use crate::bindings::wasi::cli::stdout::get_stdout;
use crate::bindings::wasi::random::random::get_random_bytes;
use crate::objects::graft;
use crate::raw::{MEMBRANE, Message, call, readable, wait};
use crate::streams::Streams;

pub(crate) fn pollables() {
    let kept: Vec<_> = (0..100_000).map(|_| readable()).collect();
    println!("{} pollables", kept.len());
}

/// A stream goes before what polls it.
pub(crate) fn wrong_order() {
    let stdout = get_stdout();
    let pollable = stdout.subscribe();
    drop(stdout);
    drop(pollable);
}

pub(crate) fn both_interfaces() {
    println!("{}", graft());
    drop(Streams::connect());
}

pub(crate) fn random_bytes() {
    println!("{} bytes", get_random_bytes(64 << 20).len());
}

/// One message of 64 MiB.
pub(crate) fn long_message() {
    let message = Message { first: vec![0; 8 << 20], ..Message::default() };
    println!("{}", call(MEMBRANE, 0, 0, &message));
}

/// Many segments, each of no length.
pub(crate) fn many_segments() {
    let message = Message { rest: vec![Vec::new(); 1_000_000], ..Message::default() };
    println!("{}", call(MEMBRANE, 0, 0, &message));
}

pub(crate) fn releases() {
    let releases: Vec<_> = (0..100_000).map(|number| (number, u32::MAX)).collect();
    wait(&releases, 0);
}
