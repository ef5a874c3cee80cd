//! A plugin that misbehaves, in each of its ways: what the operator and the guest see, and that the node lives.

#[path = "../plugins/broken/src/switch.rs"]
mod switch;

use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use switch::Switch;
use ww_tests::binary::{guest, plugin_as};
use ww_tests::node::node;
use ww_tests::process::{Place, finish};

/// What is to be seen.
enum Seen {
    /// One line, before the guest starts; it follows the file's name.
    Refused(&'static str),
    /// The node is ended by this signal.
    Ends(i32),
    /// The guest runs, is told this for what it says, and ends with 0; the node's log holds these words.
    Runs { says: &'static [(&'static str, &'static str)], log: &'static [&'static str] },
}

const PANICKED: &str = "error Failed: the server panicked: on purpose";

/// A graft after a panic.
const FAILED: (&str, &str) =
    ("graft broken", "error Failed: provider 'broken' has failed: panicked at src/lib.rs:*: on purpose");

/// A graft of a provider that is well.
const WELL: (&str, &str) = ("graft broken", "broken");

fn seen(switch: Switch) -> Seen {
    match switch {
        Switch::None => Seen::Runs {
            says: &[("echo broken none", "none"), WELL],
            log: &["INFO ww::plugin::broken: broken: open switch=\"none\""],
        },
        Switch::PanicInStart => Seen::Refused("start: the server panicked: on purpose"),
        Switch::PanicInOpen => Seen::Refused("open: the server panicked: on purpose"),
        Switch::FailInOpen => Seen::Refused("open: the database is locked"),
        Switch::HangInOpen => Seen::Refused("open: no answer within 5 s"),
        Switch::BlockInOpen => Seen::Refused("open: it has blocked the node's thread for 5 s"),
        Switch::AbortInOpen => Seen::Ends(6),
        Switch::PrintInOpen => Seen::Runs { says: &[WELL], log: &[] },
        Switch::PanicInAttach => Seen::Runs {
            says: &[("graft broken", "error Failed: provider 'broken': the server panicked: on purpose"), FAILED],
            log: &["ERROR ww::plugin::broken: failed: panicked at src/lib.rs"],
        },
        Switch::PanicInCall => Seen::Runs { says: &[("echo broken panic-in-call", PANICKED), FAILED], log: &[] },
        Switch::PanicInPoll => Seen::Runs { says: &[("echo broken panic-in-poll", PANICKED), FAILED], log: &[] },
        Switch::PanicInDrop => {
            Seen::Runs { says: &[("give-up broken panic-in-drop", "given up"), ("wait", "waited"), FAILED], log: &[] }
        }
        Switch::PanicInThread => Seen::Runs {
            says: &[("echo broken panic-in-thread", "panic-in-thread"), WELL],
            log: &["ERROR ww::plugin::broken: a thread of the plugin panicked at src/lib.rs"],
        },
        Switch::PanicInTask => {
            Seen::Runs { says: &[("echo broken panic-in-task", "panic-in-task"), ("wait", "waited"), FAILED], log: &[] }
        }
        Switch::HangInCall => {
            Seen::Runs { says: &[("give-up broken hang-in-call", "given up"), ("echo broken none", "none")], log: &[] }
        }
        Switch::BlockInCall => Seen::Runs {
            says: &[("echo broken block-in-call", "block-in-call"), WELL],
            log: &["method 1 of interface", "it has blocked the node's thread for 5 s (time 1 of this provider)"],
        },
        Switch::HangInClose => {
            Seen::Runs { says: &[WELL], log: &["provider 'broken' (", "): close: no answer within 5 s"] }
        }
    }
}

fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| plugin_as("tests/plugins/broken", "plain", &[]))
}

fn check(switch: Switch) {
    let place = Place::new();
    let image = place.image("probe", &guest("tests/guests/probe")["probe"]);
    let mut command = node(&place, &image);
    let file = library().display().to_string();
    // While an instance is made there is no configuration yet, only its name.
    let name = if switch == Switch::PanicInStart { switch.name() } else { "broken" };
    let set = format!("{name}.switch={}", switch.name());
    command.args(["--plugin", &format!("{name}={file}"), "--set", &set]);
    match seen(switch) {
        Seen::Refused(why) => {
            let line = format!("error: provider '{name}' ({file}): {why}");
            let ended = finish(command.env("RUST_LOG", "off").args(["--", "console"]), b"");
            assert_eq!(ended.fails_in_one_line(125, &[&line]).stdout, "", "no guest ran");
        }
        Seen::Ends(signal) => {
            let ended = finish(command.args(["--", "console"]), b"");
            assert_eq!(ended.status.signal(), Some(signal), "{ended}");
        }
        Seen::Runs { says, log } => {
            let lines: String = says.iter().enumerate().map(|(at, (say, _))| format!("{at} {say}\n")).collect();
            let ended = finish(command.env("RUST_LOG", "info").args(["--", "console"]), lines.as_bytes()).exits(0);
            for (at, (say, expected)) in says.iter().enumerate() {
                let label = format!("{at}: ");
                let told = ended.stdout.lines().find_map(|line| line.strip_prefix(&label));
                assert!(told.is_some_and(|told| fits(expected, told)), "{say}: {expected} is not told:\n{ended}");
            }
            for words in log {
                assert!(ended.stderr.contains(words), "{words} is not in the log:\n{ended}");
            }
        }
    }
}

/// Whether a text is the expected one, of which `*` stands for anything.
fn fits(expected: &str, text: &str) -> bool {
    match expected.split_once('*') {
        Some((start, end)) => text.starts_with(start) && text.ends_with(end),
        None => text == expected,
    }
}

/// A test for each switch, and a failure to compile for one without.
macro_rules! switches {
    ($($test:ident $switch:ident)*) => {
        $(#[test]
        fn $test() {
            check(Switch::$switch);
        })*

        #[test]
        fn every_switch_has_a_test() {
            let tested = [$(Switch::$switch),*];
            assert!(Switch::ALL.iter().all(|switch| tested.contains(switch)), "a switch is missing");
        }
    };
}

switches! {
    none None
    panic_in_start PanicInStart
    panic_in_open PanicInOpen
    fail_in_open FailInOpen
    hang_in_open HangInOpen
    block_in_open BlockInOpen
    abort_in_open AbortInOpen
    print_in_open PrintInOpen
    panic_in_attach PanicInAttach
    panic_in_call PanicInCall
    panic_in_poll PanicInPoll
    panic_in_drop PanicInDrop
    panic_in_thread PanicInThread
    panic_in_task PanicInTask
    hang_in_call HangInCall
    block_in_call BlockInCall
    hang_in_close HangInClose
}

/// Refused from what the file says, before anything of it runs.
fn refused(kind: &str, arguments: &[&str], why: &[&str]) {
    let place = Place::new();
    let image = place.image("probe", &guest("tests/guests/probe")["probe"]);
    let library = plugin_as("tests/plugins/broken", kind, arguments);
    let mut command = node(&place, &image);
    command.arg("--plugin").arg(&library).env("RUST_LOG", "off").args(["--", "console"]);
    let file = library.display().to_string();
    let expected: Vec<&str> = std::iter::once(file.as_str()).chain(why.iter().copied()).collect();
    finish(&mut command, b"").fails_in_one_line(125, &expected);
}

#[test]
fn one_that_ends_the_process_when_it_panics_is_refused() {
    refused("aborting", &["--", "-Cpanic=abort"], &["panic"]);
}

#[test]
fn one_of_another_contract_is_refused_with_both_numbers() {
    refused("foreign", &["--features", "contract"], &["contract 2", "contract 1", "update ww"]);
}

#[test]
fn one_without_a_root_is_refused() {
    refused("rootless", &["--features", "rootless"], &["load: a shared library without the root of a plugin"]);
}

#[test]
fn looking_at_one_runs_none_of_its_code() {
    let place = Place::new();
    let library = plugin_as("tests/plugins/broken", "initializer", &["--features", "initializer"]);
    let file = library.display().to_string();
    let ran = place.path().join("initialized");
    for words in [&["plugin", "inspect", &file][..], &["plugin", "list", "--plugin", &file]] {
        finish(&mut place.ww(words), b"").exits(0);
        assert!(!ran.exists(), "{words:?}");
    }
    // A node that loads it does run it.
    let image = place.image("probe", &guest("tests/guests/probe")["probe"]);
    let mut command = node(&place, &image);
    finish(command.args(["--plugin", &file, "--", "console"]).env("RUST_LOG", "off"), b"").exits(0);
    assert!(ran.exists());
}
