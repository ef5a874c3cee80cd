//! `examples/kv`, a provider as a third party writes it: built, loaded and used by a guest on a real node.

use std::process::Command;

use ww_tests::binary::{guest, plugin};
use ww_tests::node::node;
use ww_tests::process::{Ended, Place, Running, finish};

/// A node in `place` with `options` that runs the guest of the example.
fn visits(place: &Place, options: &[&str]) -> Command {
    let image = place.image("visits", &guest("examples/kv/guest")["visits"]);
    let mut command = node(place, &image);
    command.args(options).env("RUST_LOG", "off");
    command
}

/// A place in which the library lies, as `libkv.so`.
fn with_plugin() -> Place {
    let place = Place::new();
    std::fs::copy(plugin("examples/kv/kv"), place.path().join("libkv.so")).expect("copy the plugin");
    place
}

const KV: [&str; 4] = ["--plugin", "./libkv.so", "--set", "kv.path=kv.redb"];

fn visit(place: &Place, options: &[&str], words: &[&str]) -> Ended {
    finish(visits(place, options).arg("--").args(words), b"").exits(0)
}

/// Runs `ww kv ARGS…`, or another command line, in whichever process has it open.
fn ww(place: &Place, words: &[&str], input: &[u8]) -> Ended {
    finish(place.ww(words).env("RUST_LOG", "ww::command=info"), input)
}

/// The words of `ww kv ARGS…` in a process of its own.
fn alone<'a>(words: &[&'a str]) -> Vec<&'a str> {
    [&["command"], &KV[..], &["kv"], words].concat()
}

#[test]
fn a_guest_finds_its_data_again_after_a_restart_of_the_node() {
    let place = with_plugin();
    let first = visit(&place, &KV, &["tea", "milk"]);
    let expected = "visit 1\nheard of note/tea\nheard of note/milk\nnote/milk: of visit 1\nnote/tea: of visit 1\n";
    assert_eq!(first.stdout, expected, "{first}");
    let second = visit(&place, &KV, &["milk"]);
    assert_eq!(second.stdout, "visit 2\nheard of note/milk\nnote/milk: of visit 2\nnote/tea: of visit 1\n", "{second}");
    // Under another name it is another caller.
    let other = visit(&place, &[&KV[..], &["--name", "other"]].concat(), &[]);
    assert_eq!(other.stdout, "visit 1\n", "{other}");
}

#[test]
fn without_the_plugin_or_denied_there_is_no_kv() {
    let place = with_plugin();
    for options in [&[][..], &[&KV[..], &["--deny", "kv"]].concat()] {
        let ended = finish(&mut visits(&place, options), b"").exits(1);
        assert_eq!(ended.stderr, "Error: Failed: capability 'kv' is not configured; configured: host\n", "{ended}");
    }
}

#[test]
fn a_guest_hears_of_what_its_operator_changes_while_the_node_runs() {
    let place = with_plugin();
    let mut node = Running::start(visits(&place, &KV).args(["--", "tea"]));
    node.stdout_line(|line| (line == "heard of note/tea").then_some(()));
    let put = ww(&place, &["kv", "put", "--of", "visits", "note/milk", "-"], b"cold").exits(0);
    let where_it_ran = format!("kv runs in the node with process id {}", node.id());
    assert!(put.stdout.is_empty() && put.stderr.contains(&where_it_ran), "{put}");
    node.stdout_line(|line| (line == "heard of note/milk").then_some(()));
    let ls = ww(&place, &["kv", "ls", "--of", "visits"], b"").exits(0);
    assert_eq!(ls.stdout, "note/milk\nnote/tea\nvisits\n", "{ls}");
    assert_eq!(ww(&place, &["kv", "get", "--of", "visits", "note/milk"], b"").exits(0).stdout, "cold");
    assert_eq!(ww(&place, &["kv", "ls"], b"").exits(0).stdout, "", "the operator's own are others");
    drop(node.stdin.take());
    let heard = "visit 1\nheard of note/tea\nheard of note/milk\nnote/milk: cold\nnote/tea: of visit 1\n";
    assert_eq!(node.end().exits(0).stdout, heard);
}

#[test]
fn an_operator_needs_no_node() {
    let place = with_plugin();
    visit(&place, &KV, &["tea"]);
    let get = ww(&place, &alone(&["get", "--of", "visits", "note/tea"]), b"").exits(0);
    assert_eq!(get.stdout, "of visit 1");
    assert!(get.stderr.contains("kv runs in this process: no node in"), "{get}");
    ww(&place, &alone(&["put", "--of", "visits", "visits", "41"]), b"").exits(0);
    ww(&place, &alone(&["rm", "--of", "visits", "note/tea"]), b"").exits(0);
    assert_eq!(ww(&place, &alone(&["ls", "--of", "visits"]), b"").exits(0).stdout, "visits\n");
    assert_eq!(visit(&place, &KV, &[]).stdout, "visit 42\n");
}

#[test]
fn what_an_operator_cannot_have_is_one_line_with_a_status() {
    let place = with_plugin();
    let long = "k".repeat(1025);
    for (words, status, line) in [
        (&["get", "tea"][..], 1, "error: there is no such key; `ww kv ls` with the same `--of` shows all\n"),
        (&["get"], 2, "error: the following required arguments were not provided: <KEY>; see `ww kv --help`\n"),
        (&["put", &long, "x"], 125, "error: provider 'kv': command: a key of 1025 bytes; 1024 is the most\n"),
    ] {
        let ended = finish(place.ww(alone(words)).env("RUST_LOG", "off"), b"").exits(status);
        assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", line));
    }
    let help = ww(&place, &alone(&["--help"]), b"").exits(0);
    assert!(help.stdout.contains("Usage: ww kv [OPTIONS] <COMMAND>"), "{help}");
}

#[test]
fn two_instances_answer_as_themselves_and_never_share_a_file() {
    let place = with_plugin();
    let both = ["--plugin", "other=./libkv.so", "--set"];
    // The second one is open, too, and the first one's data is its own.
    let apart = visit(&place, &[&KV[..], &both, &["other.path=other.redb"]].concat(), &["tea"]);
    assert_eq!(apart.stdout, "visit 1\nheard of note/tea\nnote/tea: of visit 1\n", "{apart}");
    assert!(place.path().join("other.redb").is_file());

    let one_file = [&KV[..], &both, &["other.path=kv.redb"]].concat();
    let ended = finish(&mut visits(&place, &one_file), b"");
    let expected = "error: provider 'other' (./libkv.so): open: kv.redb: Database already open";
    ended.fails_in_one_line(125, &[expected]);
}
