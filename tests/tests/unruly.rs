//! A component provider that misbehaves, in each of its ways: what the guest and the operator see, and that the node lives.

#[path = "../plugins/unruly/src/switch.rs"]
mod switch;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Instant;

use switch::Switch;
use ww_tests::binary::{component, guest};
use ww_tests::node::node;
use ww_tests::process::{Ended, Place, finish};

/// What a guest is told that calls it so: the error of the call, and in the node's log why.
enum Seen {
    /// An answer.
    Answer(&'static str),
    /// The call fails because the component has ended; the log says how.
    Ends(&'static str),
}

/// Bytes of the log that lines of a component take in a second at most: twice what is copied of them, which is 64 KiB.
const LOGGED_A_SECOND: u64 = 128 << 10;

const RESTARTED: &str = "error Disconnected: provider 'unruly' was restarted";

fn seen(switch: Switch) -> Seen {
    match switch {
        Switch::None => Seen::Answer("none 0"),
        Switch::Trap => Seen::Ends("it trapped: panicked at src/lib.rs:"),
        Switch::Loop => Seen::Ends(
            "it was ended by a limit: processor time without a pause: the limit is 200ms; `pause` changes it",
        ),
        Switch::Recurse => Seen::Ends("it trapped: call stack exhausted, the limit is 512 KiB"),
        Switch::Allocate => Seen::Ends(", the limit is 32 MiB; `memory` changes it"),
        // It waits for whoever reads, again and again.
        Switch::Flood => Seen::Ends("it was ended by a limit: processor time: the limit is 500ms; `cpu` changes it"),
        Switch::Never => Seen::Answer("error Failed: no answer within 300ms, which is the limit"),
        Switch::Leave => Seen::Ends("it ended by itself, with status 3"),
        Switch::Write => Seen::Answer("error Failed: write: Err(ReadOnlyFilesystem)"),
    }
}

fn file() -> &'static Path {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    FILE.get_or_init(|| component("tests/plugins/unruly"))
}

/// A node that runs the console of `tests/guests/probe`, and says these lines to it.
fn run(place: &Place, settings: &str, lines: &[&str]) -> Ended {
    let image = place.image("probe", &guest("tests/guests/probe")["probe"]);
    let settings = format!("[plugins.unruly]\npath = {:?}\n{settings}", file());
    std::fs::write(place.path().join("node.toml"), settings).expect("a configuration");
    let mut command = node(place, &image);
    command.args(["--config", "node.toml", "--", "console"]).env("RUST_LOG", "info");
    let lines: String = lines.iter().enumerate().map(|(at, line)| format!("{at} {line}\n")).collect();
    finish(&mut command, lines.as_bytes())
}

const LIMITS: &str = "memory = '32MiB'\npause = '200ms'\n";

/// The limits of one that misbehaves so: what ends another one may come too late for this one.
fn limits(switch: Switch) -> String {
    let more = match switch {
        Switch::Never => "answer = '300ms'\n",
        Switch::Flood => "cpu = '500ms'\n",
        _ => "",
    };
    format!("{LIMITS}{more}")
}

fn told(ended: &Ended) -> Vec<String> {
    ended.stdout.lines().filter_map(|line| Some(line.split_once(": ")?.1.to_owned())).collect()
}

fn check(switch: Switch) {
    let line = format!("echo unruly {}", switch.name());
    let place = Place::new();
    let start = Instant::now();
    let ended = run(&place, &limits(switch), &["echo unruly a", &line, "echo unruly b"]).exits(0);
    let (expected, after) = match seen(switch) {
        Seen::Answer(answer) => (answer.to_owned(), "b "),
        Seen::Ends(why) => {
            let log = format!("WARN ww::plugin: provider 'unruly' ({}): ", file().display());
            let logged = ended.stderr.lines().find(|line| line.contains(&log)).unwrap_or_default();
            assert!(
                logged.contains(why) && logged.ends_with("; it is started again"),
                "{why} is not in the log:\n{ended}"
            );
            (RESTARTED.to_owned(), "b 0")
        }
    };
    let told = told(&ended);
    let expected = if switch == Switch::None { "none 1".to_owned() } else { expected };
    assert_eq!(told[..2], ["a 0".to_owned(), expected], "{ended}");
    assert!(told[2].starts_with(after), "it serves again: {ended}");
    assert!(ended.stderr.contains("INFO ww::plugin::unruly: unruly: opened"), "{ended}");
    // What it wrote in a second, with the time before each line.
    let (bytes, most) = (ended.stderr.len() as u64, (start.elapsed().as_secs() + 2) * LOGGED_A_SECOND);
    assert!(bytes < most, "{bytes} bytes in the log");
}

macro_rules! switches {
    ($($test:ident = $switch:ident),* $(,)?) => {
        $(#[test] fn $test() { check(Switch::$switch) })*

        #[test]
        fn every_switch_has_a_test() {
            assert_eq!(Switch::ALL, [$(Switch::$switch),*]);
        }
    };
}

switches! {
    nothing_is_wrong = None,
    a_trap = Trap,
    an_endless_loop = Loop,
    an_endless_recursion = Recurse,
    all_memory = Allocate,
    a_flood_of_lines = Flood,
    an_answer_that_never_comes = Never,
    an_end_of_its_own = Leave,
    a_file_that_it_was_not_granted = Write,
}

#[test]
fn the_third_failure_in_a_row_is_the_last_and_every_caller_is_told() {
    let trap = "echo unruly trap";
    let ended = run(&Place::new(), "", &[trap, trap, trap, "echo unruly a", "graft unruly", "graft host"]).exits(0);
    let told = told(&ended);
    let failed = told[3].strip_prefix("error Failed: ").unwrap_or_default();
    let why = "provider 'unruly' has failed: it trapped: panicked at src/lib.rs:";
    assert!(failed.starts_with(why) && failed.ends_with(": on purpose"), "{ended}");
    assert_eq!(told[..2], [RESTARTED, RESTARTED], "{ended}");
    assert_eq!(told[2], format!("error Disconnected: {failed}"), "{ended}");
    assert_eq!(told[3..5], [format!("error Failed: {failed}"), format!("error Failed: {failed}")], "{ended}");
    assert_eq!(told[5], "host", "the node lives: {ended}");
    assert!(ended.stderr.contains("it is not started again"), "{ended}");
    assert!(ended.stderr.contains("ERROR ww::plugin::unruly: panicked at src/lib.rs"), "{ended}");
}

#[test]
fn one_that_cannot_be_opened_is_told_in_one_line() {
    for (opened, why) in [
        ("trap", "open: it trapped: panicked at src/lib.rs:"),
        ("never", "open: no answer within 5 s"),
        ("loop", "open: it was ended by a limit: processor time without a pause"),
        ("leave", "open: it ended by itself, with status 3"),
        ("write", "open: write: Err(ReadOnlyFilesystem)"),
    ] {
        let ended = run(&Place::new(), &format!("{LIMITS}config = {{ opened = '{opened}' }}\n"), &[]);
        assert_eq!((ended.status.code(), ended.stdout.as_str()), (Some(125), ""), "{ended}");
        let line = format!("error: provider 'unruly' ({}): {why}", file().display());
        assert!(ended.stderr.lines().last().is_some_and(|last| last.starts_with(&line)), "{line}:\n{ended}");
    }
}

#[test]
fn one_that_fails_whenever_it_is_used_costs_its_callers_an_error() {
    let settings = format!("{LIMITS}config = {{ attached = 'loop' }}\n");
    let ended =
        run(&Place::new(), &settings, &["graft unruly", "graft unruly", "graft unruly", "graft unruly"]).exits(0);
    let told = told(&ended);
    assert_eq!(told[..2], [RESTARTED, RESTARTED], "{ended}");
    assert!(
        told[2..].iter().all(|told| told.contains("provider 'unruly' has failed: it was ended by a limit")),
        "{ended}"
    );
}
