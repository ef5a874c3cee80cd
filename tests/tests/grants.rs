//! What the operator grants a guest with `--grant` and `--deny`, as the guest sees it.

use ww_tests::binary::guest;
use ww_tests::node::{node, probe};
use ww_tests::process::{Ended, Place, finish};

/// Runs a guest that grafts all that it may, then `host` by its name, on a node with these options.
fn run(place: &Place, options: &[&str]) -> Ended {
    let image = probe(place);
    let mut command = node(place, &image);
    finish(command.env("RUST_LOG", "off").args(options).args(["--", "console"]), b"all graft\none graft host\n")
}

/// What the guest is told for both.
fn grafts(options: &[&str]) -> [String; 2] {
    let ended = run(&Place::new(), options).exits(0);
    let answer = |start: &str| {
        let answer = ended.stdout.lines().find_map(|line| line.strip_prefix(start));
        answer.unwrap_or_else(|| panic!("no {start:?} in:\n{ended}")).to_owned()
    };
    [answer("all: "), answer("one: ")]
}

const NOTHING: &str = "error Failed: capability 'host' is not configured; configured: nothing";

#[test]
fn what_is_configured_is_granted() {
    assert_eq!(grafts(&[]), ["host", "host"]);
}

#[test]
fn what_is_named_is_granted() {
    assert_eq!(grafts(&["--grant", "host"]), ["host", "host"]);
    assert_eq!(grafts(&["--grant", "host", "--grant=host"]), ["host", "host"]);
}

#[test]
fn what_is_denied_is_not_granted() {
    assert_eq!(grafts(&["--deny", "host"]), ["", NOTHING]);
}

#[test]
fn a_denial_is_stronger_than_a_grant() {
    assert_eq!(grafts(&["--grant", "host", "--deny", "host"]), ["", NOTHING]);
    assert_eq!(grafts(&["--deny", "host", "--grant", "host"]), ["", NOTHING]);
}

#[test]
fn a_name_that_is_not_configured_is_refused_before_the_guest_starts() {
    for options in [
        &["--grant", "hots"][..],
        &["--deny", "hots"],
        &["--grant", "host", "--grant", "hots"],
        &["--grant", "host", "--deny", "hots"],
        &["--deny", "host", "--deny", "hots"],
    ] {
        let option = options[options.len() - 2];
        let expected = format!("error: {option}: capability 'hots' is not configured; configured: host");
        let ended = run(&Place::new(), options).fails_in_one_line(125, &[&expected]);
        assert_eq!(ended.stdout, "", "no guest ran");
    }
}

#[test]
fn a_word_that_is_no_name_is_refused() {
    let place = Place::new();
    for option in ["--grant", "--deny"] {
        for word in ["", "Host", "a b", "kv:host", "../host"] {
            let ended = run(&place, &[option, word]).exits(2);
            let expected = format!("'{word}' is no name of a capability: 1 to 64 of a-z, 0-9, - and _, starting with");
            assert!(ended.stderr.contains(&expected) && ended.stderr.contains(option), "{ended}");
        }
    }
}

#[test]
fn a_guest_that_needs_what_it_was_not_granted_says_so() {
    let place = Place::new();
    let image = place.image("hello", &guest("examples/hello")["hello"]);
    let ended = finish(node(&place, &image).env("RUST_LOG", "off").args(["--deny", "host"]), b"").exits(1);
    assert_eq!(ended.stdout, "");
    assert!(ended.stderr.contains("capability 'host' is not in this session; it has: nothing"), "{ended}");
}
