//! The command line itself: help, versions, completions, usage errors.

mod common;

use common::{command, place, run, ww};

const VERBS: &[&str] = &["init", "build", "run", "completions"];

#[test]
fn every_help_has_examples() {
    let place = place();
    for verb in VERBS {
        let outcome = ww(place.path(), &[verb, "--help"]).expect(0);
        assert!(outcome.stdout.contains("Examples:\n  ww "), "{}", outcome.shown);
    }
    assert!(ww(place.path(), &["--help"]).expect(0).stdout.contains("Examples:"));
}

#[test]
fn the_version_names_contract_world_and_schemas() {
    let place = place();
    let outcome = ww(place.path(), &["--version"]).expect(0);
    for line in [concat!("ww ", env!("CARGO_PKG_VERSION"), "\n"), "\ncontract 1\n", "\nwit wetware:cell@", "\nschemas "]
    {
        assert!(outcome.stdout.contains(line), "no {line:?} in {}", outcome.shown);
    }
    assert_eq!(ww(place.path(), &["-V"]).expect(0).stdout.lines().count(), 1);
}

#[test]
fn completions_are_printed_for_each_shell() {
    let place = place();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let outcome = ww(place.path(), &["completions", shell]).expect(0);
        for verb in VERBS {
            assert!(outcome.stdout.contains(verb), "no {verb} in {}", outcome.shown);
        }
    }
    ww(place.path(), &["completions", "tcsh"]).expect(2).says(&["bash"]);
}

#[test]
fn a_wrong_command_line_is_a_usage_error() {
    let place = place();
    let wrong: &[&[&str]] = &[
        &["--no-such-option"],
        &["no-such-verb"],
        &["run", "--no-such-option"],
        &["run", "--env", "NOVALUE"],
        &["run", "--listen", "127.0.0.1:80"],
        &["run", "--port", "99999"],
        &["run", "--name", "../x"],
        &["init", "--renew-sdk", "--template", "rust"],
        &["build", "one", "two"],
    ];
    for args in wrong {
        ww(place.path(), args).expect(2).says(&["error: "]);
    }
    ww(place.path(), &[]).expect(2).says(&["Usage: ww"]);
}

#[test]
fn an_invalid_log_filter_is_told_of_once() {
    let place = place();
    let mut command = command(place.path(), &["build"]);
    command.env("RUST_LOG", "ww=loud");
    let outcome = run(command).expect(125).says(&["warning: RUST_LOG is no valid filter", "error: no Cargo.toml"]);
    assert_eq!(outcome.stderr.lines().count(), 2, "{}", outcome.shown);
}
