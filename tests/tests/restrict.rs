//! Weaker forms of capabilities, as the SDK makes them on a real node.

use ww_tests::node::{probe, run};
use ww_tests::process::Place;

/// Why a method of `Host` cannot be called.
fn refused(method: u16) -> String {
    format!("Failed (method {method} of interface 0xa4c6f1d2937be815 is not allowed here)")
}

/// What the guest prints, a line a step.
fn expected() -> [String; 17] {
    let revoked = "Disconnected (this capability was revoked)";
    let used_up = "Failed (the calls that this capability was good for are used up)";
    let (id, addrs) = (refused(0), refused(1));
    [
        format!("methods: id ok, peers ok, addrs {addrs}"),
        "the revoker is dropped: id ok".to_owned(),
        format!("two calls: id ok, addrs {addrs}"),
        format!("two calls: peers ok, id {used_up}"),
        format!("no calls: id {id}"),
        format!("twice: id {id}, addrs {addrs}, peers ok"),
        format!("the first one is revoked: peers {revoked}; the host itself: id ok"),
        "own: echo ok, runBytes Failed (method 0 of interface 0xd52f8a6b1c07e938 is not allowed here)".to_owned(),
        format!("own, revoked: echo {revoked}; itself: echo ok"),
        "own: runBytes Unimplemented (method executor::Server::run_bytes not implemented)".to_owned(),
        format!("in flight: answered false, revoked {revoked}"),
        "reached: addrs ok".to_owned(),
        format!("reached, revoked: addrs {revoked}"),
        "methods: Failed: 1025 methods to restrict to, the limit is 1024".to_owned(),
        "round 17: Overloaded: this capability was restricted 16 times, which is the limit".to_owned(),
        "the last one: id ok".to_owned(),
        String::new(),
    ]
}

#[test]
fn a_guest_lends_less_than_it_has_and_takes_it_back() {
    let place = Place::new();
    let ended = run(&place, &probe(&place), &["restrict"], b"").exits(0);
    assert_eq!(ended.stdout, expected().join("\n"), "{ended}");
}
