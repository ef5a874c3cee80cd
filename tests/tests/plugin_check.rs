//! `ww plugin check`: plugins that keep the contract conform, and each way not to is found by the case that is made for it.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;
use ww_tests::binary::{component, plugin, plugin_as};
use ww_tests::process::{Ended, Place, finish};

fn check(place: &Place, file: &Path, options: &[&str]) -> Ended {
    let mut command = place.ww(["plugin", "check"]);
    finish(command.arg(file).args(options), b"")
}

/// What the report says of a case, after its name.
fn line<'a>(ended: &'a Ended, case: &str) -> &'a str {
    let mut lines = ended.stdout.lines().filter_map(|line| line.split_once(' '));
    let found = lines.find_map(|(name, rest)| (name == case).then_some(rest.trim_start()));
    found.unwrap_or_else(|| panic!("nothing is said of {case}:\n{ended}"))
}

/// That a plugin conforms, and nothing is said but that.
fn conforms(file: &Path, options: &[&str]) -> Ended {
    let ended = check(&Place::new(), file, options).exits(0);
    let last = ended.stdout.lines().last().unwrap_or_default();
    assert_eq!((last, ended.stderr.as_str()), ("conforms: 18 cases", ""), "{ended}");
    ended
}

#[test]
fn echo_conforms() {
    let ended = conforms(&plugin("tests/plugins/echo"), &["--set", "echo.greeting='hello '"]);
    let not_ok: Vec<_> = ended.stdout.lines().rev().skip(1).filter(|line| !line.ends_with("  ok")).collect();
    assert_eq!(not_ok, ["panics-stay       -  no instance failed"], "{ended}");
}

#[test]
fn echo_conforms_as_a_component() {
    let ended = conforms(&component("tests/plugins/echo"), &["--grant", "echo:host"]);
    assert!(
        ended.stdout.contains("\ngranted as stand-ins, which answer every call as unimplemented: host\n"),
        "{ended}"
    );
}

#[test]
fn kv_conforms() {
    conforms(&plugin("examples/kv/kv"), &["--set", "kv.path=kv.redb"]);
}

#[test]
fn kv_conforms_as_a_component() {
    conforms(&component("examples/kv/kv"), &["--set", "kv.path=/var/kv.redb", "--grant", "kv:state"]);
}

#[test]
fn what_has_to_be_configured_is_said_with_its_option() {
    let ended = check(&Place::new(), &plugin("examples/kv/kv"), &[]).exits(1);
    let opens = line(&ended, "opens");
    assert!(opens.starts_with("FAILED  open: ") && opens.contains("`--set kv.path=VALUE`"), "{ended}");
    assert_eq!(line(&ended, "closes"), "-  the case opens failed", "{ended}");
    assert!(ended.stdout.ends_with("\ndoes not conform: 1 of 18 cases failed\n"), "{ended}");
}

/// That this case fails, and why it says it does.
fn finds(file: &Path, set: &str, settings: &str, case: &str, why: &str) {
    let place = Place::new();
    std::fs::write(place.path().join("node.toml"), settings).expect("a configuration");
    let ended = check(&place, file, &["--config", "node.toml", "--set", set]).exits(1);
    let found = line(&ended, case);
    assert!(found.starts_with("FAILED  ") && found.contains(why), "{case}: {why}:\n{ended}");
    assert!(ended.stdout.lines().last().is_some_and(|last| last.starts_with("does not conform: ")), "{ended}");
}

fn broken() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| plugin_as("tests/plugins/broken", "plain", &[]))
}

fn unruly() -> &'static Path {
    static COMPONENT: OnceLock<PathBuf> = OnceLock::new();
    COMPONENT.get_or_init(|| component("tests/plugins/unruly"))
}

macro_rules! native {
    ($($test:ident: $switch:literal, $case:literal, $why:literal;)*) => {
        $(#[test] fn $test() { finds(broken(), concat!("broken.switch=", $switch), "", $case, $why) })*
    };
}

native! {
    a_panic_in_open: "panic-in-open", "opens", "the server panicked: on purpose";
    an_open_that_fails: "fail-in-open", "opens", "the database is locked";
    an_open_that_never_answers: "hang-in-open", "opens", "open: no answer within 5 s";
    an_open_that_blocks_its_thread: "block-in-open", "opens", "open: it has blocked the node's thread for 5 s";
    an_open_that_ends_the_process: "abort-in-open", "opens", "ended the process by signal 6";
    an_open_that_prints: "print-in-open", "no-stdout", "\"on purpose\\n";
    a_panic_in_attach: "panic-in-attach", "attach-100", "attach: the server panicked: on purpose";
    a_close_that_never_answers: "hang-in-close", "closes", "close: no answer within 5 s";
}

/// What loops is found out before it has taken as long as it may take to answer.
const PAUSE: &str = "[plugins.unruly]\npause = '200ms'\n";

macro_rules! components {
    ($($test:ident: $set:literal, $case:literal, $why:literal;)*) => {
        $(#[test] fn $test() { finds(unruly(), concat!("unruly.", $set), PAUSE, $case, $why) })*
    };
}

components! {
    a_component_that_traps_in_open: "opened=trap", "opens", "open: it trapped: ";
    a_component_that_loops_in_open: "opened=loop", "opens", "it was ended by a limit: processor time without a pause";
    a_component_that_never_opens: "opened=never", "opens", "open: no answer within 5 s";
    a_component_that_leaves_in_open: "opened=leave", "opens", "it ended by itself, with status 3";
    a_component_that_traps_in_attach: "attached=trap", "attach-100", "it trapped";
    a_component_that_never_attaches: "attached=never", "attach-100", "attach: no answer within 5 s";
    a_component_that_leaves_in_attach: "attached=leave", "attach-100", "it ended by itself, with status 3";
}

#[test]
fn a_plugin_that_does_nothing_wrong_conforms() {
    conforms(broken(), &["--set", "broken.switch=none"]);
    conforms(unruly(), &[]);
}

#[test]
fn a_file_that_lies_about_the_plugin_is_found_out() {
    let file = plugin_as("tests/plugins/broken", "lying", &["--features", "lying"]);
    let why = r#"description: its file says "Does as it should", and when it runs it says "Misbehaves on purpose""#;
    finds(&file, "broken.switch=none", "", "manifest-agrees", why);
}

#[test]
fn programs_read_json() {
    let ended = check(&Place::new(), broken(), &["--json", "--set", "broken.switch=abort-in-open"]).exits(1);
    let report: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    assert_eq!(
        (&report["name"], &report["kind"], &report["conforms"]),
        (&"broken".into(), &"native".into(), &false.into())
    );
    let cases = report["cases"].as_array().expect("cases");
    let opens = cases.iter().find(|case| case["case"] == "opens").expect("the case");
    assert_eq!((&opens["outcome"], &opens["why"]), (&"failed".into(), &"ended the process by signal 6".into()));
    assert!(cases.iter().any(|case| case["case"] == "loads" && case["outcome"] == "ok"), "{ended}");
}

#[test]
fn what_is_no_plugin_is_said_in_one_line() {
    let place = Place::new();
    std::fs::write(place.path().join("text"), "a text\n").expect("a file");
    check(&place, Path::new("text"), &[]).fails_in_one_line(125, &["plugin text: is a text"]);
    check(&place, Path::new("nothing"), &[]).fails_in_one_line(125, &["plugin nothing: cannot be read"]);
    let set = ["--set", "other.path=1"];
    check(&place, broken(), &set).fails_in_one_line(125, &["other"]);
}
