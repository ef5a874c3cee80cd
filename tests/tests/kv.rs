//! `examples/kv`, a provider as a third party writes it: built, loaded and used by a guest on a real node.

use std::process::Command;

use ww_tests::binary::{guest, plugin};
use ww_tests::node::node;
use ww_tests::process::{Ended, Place, finish};

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
