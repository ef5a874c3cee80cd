//! `examples/kv`, a provider as a third party writes it: built, loaded and used by a guest on a real node, as a native
//! plugin and as a component.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use ww_tests::binary::{component, guest, plugin, plugin_at, target_dir};
use ww_tests::node::node;
use ww_tests::of_both_kinds;
use ww_tests::process::{Ended, Place, Running, finish};
use ww_tests::repository::{files, root};

/// The example, built.
struct Example {
    library: Vec<u8>,
    component: Vec<u8>,
    guest: Vec<u8>,
}

/// One of the two artifacts of the example, and the options by which a node loads it: under its own name and another one.
struct Kind {
    file: &'static str,
    kv: &'static [&'static str],
    other: &'static [&'static str],
}

const NATIVE: Kind = Kind {
    file: "./libkv.so",
    kv: &["--plugin", "./libkv.so", "--set", "kv.path=kv.redb"],
    other: &["--plugin", "other=./libkv.so", "--set", "other.path=other.redb"],
};

const COMPONENT: Kind = Kind {
    file: "./kv.wasm",
    kv: &["--plugin", "./kv.wasm", "--set", "kv.path=/var/kv.redb", "--grant", "kv:state"],
    other: &["--plugin", "other=./kv.wasm", "--set", "other.path=/var/kv.redb", "--grant", "other:state"],
};

impl Kind {
    /// The options of both.
    fn both(&self) -> Vec<&'static str> {
        [self.kv, self.other].concat()
    }

    /// The words of `ww kv ARGS…` in a process of its own.
    fn alone<'a>(&self, words: &[&'a str]) -> Vec<&'a str> {
        [&["command"], self.kv, &["kv"], words].concat()
    }
}

of_both_kinds! {
    a_guest_finds_its_data_again_after_a_restart_of_the_node,
    without_the_plugin_or_denied_there_is_no_kv,
    a_guest_hears_of_what_its_operator_changes_while_the_node_runs,
    an_operator_needs_no_node,
    what_an_operator_cannot_have_is_one_line_with_a_status,
    two_instances_answer_as_themselves,
    who_is_lent_less_than_kv_reaches_no_more_of_it,
}

/// Read at once: a copy of the example is built in the same folders, and takes the place of both files.
fn example() -> &'static Example {
    static EXAMPLE: OnceLock<Example> = OnceLock::new();
    EXAMPLE.get_or_init(|| Example {
        library: fs::read(plugin("examples/kv/kv")).expect("the library"),
        component: fs::read(component("examples/kv/kv")).expect("the component"),
        guest: fs::read(&guest("examples/kv/guest")["visits"]).expect("the guest"),
    })
}

/// A node in `place` with `options` that runs the guest of the example.
fn visits(place: &Place, options: &[&str]) -> Command {
    let image = place.path().join("visits");
    fs::create_dir_all(image.join("boot")).expect("the image's folder");
    fs::write(image.join("boot/main.wasm"), &example().guest).expect("the guest");
    quiet(node(place, &image), options)
}

/// A node in `place` with `options` that runs the guest of `tests/guests/keys`.
fn keys(place: &Place, options: &[&str]) -> Command {
    let image = place.image("keys", &guest("tests/guests/keys")["keys"]);
    quiet(node(place, &image), options)
}

fn quiet(mut node: Command, options: &[&str]) -> Command {
    node.args(options).env("RUST_LOG", "off");
    node
}

/// A place in which both artifacts lie, as `libkv.so` and `kv.wasm`.
fn with_plugin() -> Place {
    let place = Place::new();
    fs::write(place.path().join("libkv.so"), &example().library).expect("the plugin");
    fs::write(place.path().join("kv.wasm"), &example().component).expect("the plugin");
    place
}

fn visit(place: &Place, options: &[&str], words: &[&str]) -> Ended {
    finish(visits(place, options).arg("--").args(words), b"").exits(0)
}

/// Runs `ww kv ARGS…`, or another command line, in whichever process has it open.
fn ww(place: &Place, words: &[&str], input: &[u8]) -> Ended {
    finish(place.ww(words).env("RUST_LOG", "ww::command=info"), input)
}

/// Waits until a guest has said this.
fn says(running: &mut Running, line: &str) {
    running.stdout_line(|said| (said == line).then_some(()));
}

fn a_guest_finds_its_data_again_after_a_restart_of_the_node(kind: &Kind) {
    let place = with_plugin();
    let first = visit(&place, kind.kv, &["tea", "milk"]);
    let expected = "visit 1\nheard of note/tea\nheard of note/milk\nnote/milk: of visit 1\nnote/tea: of visit 1\n";
    assert_eq!(first.stdout, expected, "{first}");
    let second = visit(&place, kind.kv, &["milk"]);
    assert_eq!(second.stdout, "visit 2\nheard of note/milk\nnote/milk: of visit 2\nnote/tea: of visit 1\n", "{second}");
    // Under another name it is another caller.
    let other = visit(&place, &[kind.kv, &["--name", "other"]].concat(), &[]);
    assert_eq!(other.stdout, "visit 1\n", "{other}");
}

fn without_the_plugin_or_denied_there_is_no_kv(kind: &Kind) {
    let place = with_plugin();
    for options in [&[][..], &[kind.kv, &["--deny", "kv"]].concat()] {
        let ended = finish(&mut visits(&place, options), b"").exits(1);
        assert_eq!(ended.stderr, "Error: Failed: capability 'kv' is not configured; configured: host\n", "{ended}");
    }
}

fn a_guest_hears_of_what_its_operator_changes_while_the_node_runs(kind: &Kind) {
    let place = with_plugin();
    let mut node = Running::start(visits(&place, kind.kv).args(["--", "tea"]));
    says(&mut node, "heard of note/tea");
    let put = ww(&place, &["kv", "put", "--of", "visits", "note/milk", "-"], b"cold").exits(0);
    let where_it_ran = format!("kv runs in the node with process id {}", node.id());
    assert!(put.stdout.is_empty() && put.stderr.contains(&where_it_ran), "{put}");
    says(&mut node, "heard of note/milk");
    let ls = ww(&place, &["kv", "ls", "--of", "visits"], b"").exits(0);
    assert_eq!(ls.stdout, "note/milk\nnote/tea\nvisits\n", "{ls}");
    assert_eq!(ww(&place, &["kv", "get", "--of", "visits", "note/milk"], b"").exits(0).stdout, "cold");
    assert_eq!(ww(&place, &["kv", "ls"], b"").exits(0).stdout, "", "the operator's own are others");
    drop(node.stdin.take());
    let heard = "visit 1\nheard of note/tea\nheard of note/milk\nnote/milk: cold\nnote/tea: of visit 1\n";
    assert_eq!(node.end().exits(0).stdout, heard);
}

fn an_operator_needs_no_node(kind: &Kind) {
    let place = with_plugin();
    visit(&place, kind.kv, &["tea"]);
    let get = ww(&place, &kind.alone(&["get", "--of", "visits", "note/tea"]), b"").exits(0);
    assert_eq!(get.stdout, "of visit 1");
    assert!(get.stderr.contains("kv runs in this process: no node in"), "{get}");

    let folder = place.path().join("home/.config/ww");
    fs::create_dir_all(&folder).expect("a folder");
    let path = place.path().join(kind.file);
    let said = if kind.file == COMPONENT.file {
        format!("[plugins.kv]\npath = {path:?}\ngrants = ['state']\nconfig = {{ path = '/var/kv.redb' }}\n")
    } else {
        format!("[plugins.kv]\npath = {path:?}\nconfig = {{ path = {:?} }}\n", place.path().join("kv.redb"))
    };
    fs::write(folder.join("config.toml"), said).expect("a configuration");
    ww(&place, &["kv", "put", "--of", "visits", "visits", "41"], b"").exits(0);
    ww(&place, &["kv", "rm", "--of", "visits", "note/tea"], b"").exits(0);
    assert_eq!(ww(&place, &["kv", "ls", "--of", "visits"], b"").exits(0).stdout, "visits\n");
    assert_eq!(visit(&place, &[], &[]).stdout, "visit 42\n");
}

fn what_an_operator_cannot_have_is_one_line_with_a_status(kind: &Kind) {
    let place = with_plugin();
    let long = "k".repeat(1025);
    for (words, status, line) in [
        (&["get", "tea"][..], 1, "error: there is no such key; `ww kv ls` with the same `--of` shows all\n"),
        (&["get"], 2, "error: the following required arguments were not provided: <KEY>; see `ww kv --help`\n"),
        (&["put", &long, "x"], 125, "error: provider 'kv': command: a key of 1025 bytes; 1024 is the most\n"),
    ] {
        let ended = finish(place.ww(kind.alone(words)).env("RUST_LOG", "off"), b"").exits(status);
        assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", line));
    }
    let help = ww(&place, &kind.alone(&["--help"]), b"").exits(0);
    assert!(help.stdout.contains("Usage: ww kv [OPTIONS] <COMMAND>"), "{help}");
}

fn two_instances_answer_as_themselves(kind: &Kind) {
    let place = with_plugin();
    let both = kind.both();
    let ended = finish(keys(&place, &both).args(["--", "each", "kv", "other"]), b"").exits(0);
    assert_eq!(ended.stdout, "kv: kv\nother: other\n");
    for name in ["kv", "other"] {
        let words = [&["command"], &both[..], &[name, "get", "--of", "keys", "name"]].concat();
        assert_eq!(ww(&place, &words, b"").exits(0).stdout, name);
    }
}

#[test]
fn two_native_instances_never_share_a_file() {
    let place = with_plugin();
    let one_file = [NATIVE.kv, &NATIVE.other[..3], &["other.path=kv.redb"]].concat();
    let ended = finish(&mut visits(&place, &one_file), b"");
    let expected = "error: provider 'other' (./libkv.so): open: kv.redb: Database already open";
    ended.fails_in_one_line(125, &[expected]);
}

const TRIED: &str = "\
as a watcher: get ok, put Failed (method 1 of interface 0xf896819c50f5e368 is not allowed here)
a watch to come: put Unimplemented (Method not implemented.)
a watch: put Unimplemented (Method not implemented.)
for more: put Failed (method 1 of interface 0xf896819c50f5e368 is not allowed here)
through another: put Failed (method 1 of interface 0xf896819c50f5e368 is not allowed here)
and back: put Failed (method 1 of interface 0xf896819c50f5e368 is not allowed here)
used up: get Failed (the calls that this capability was good for are used up), \
put Failed (method 1 of interface 0xf896819c50f5e368 is not allowed here)
revoked: told None, the owner is told Some(\"name\")
revoked: get Disconnected (this capability was revoked), put Disconnected (this capability was revoked)
";

fn who_is_lent_less_than_kv_reaches_no_more_of_it(kind: &Kind) {
    let place = with_plugin();
    let mut command = keys(&place, &kind.both());
    let ended = finish(command.env("RUST_LOG", "ww::plugin=debug").args(["--", "lent"]), b"").exits(0);
    assert_eq!(ended.stdout, TRIED, "{ended}");
    // What a provider is handed, it calls: its own object where the whole of it came home, else what guards it.
    let guarded = "a watch ends: Failed: method 0 of interface 0xd521b4ff70bafe0d is not allowed here";
    for (provider, met) in [("kv", guarded), ("other", guarded), ("kv", "a watch ends: Unimplemented: ")] {
        assert!(ended.stderr.contains(&format!("ww::plugin::{provider}: kv::watches: {met}")), "{met}: {ended}");
    }
    assert_eq!(ww(&place, &kind.alone(&["get", "--of", "keys", "name"]), b"").exits(0).stdout, "changed again");
}

/// Copies the example, as its author would begin with it, and gives its folder. The SDK stays where it is.
fn copy_elsewhere(place: &Place) -> PathBuf {
    let (example, copy) = (root().join("examples/kv"), place.path().join("kv"));
    let sdk = root().join("sdk").display().to_string();
    for file in files(&example) {
        let to = copy.join(file.strip_prefix(&example).expect("a file of the example"));
        fs::create_dir_all(to.parent().expect("a file lies in a folder")).expect("a folder");
        let text = fs::read_to_string(&file).expect("a text");
        let manifest = file.ends_with("Cargo.toml");
        fs::write(to, if manifest { text.replace("../../../sdk", &sdk) } else { text }).expect("a copy");
    }
    copy
}

#[test]
fn a_copy_elsewhere_is_tested_built_and_run() {
    example();
    let place = Place::new();
    let copy = copy_elsewhere(&place);
    let mut test = place.command("cargo");
    test.args(["test", "--release", "--locked"]).current_dir(&copy);
    let tested = finish(test.env("CARGO_TARGET_DIR", target_dir().join("plugins")), b"").exits(0);
    let told = "test tests::capability::a_watcher_is_told_of_changes_whoever_makes_them ... ok";
    assert!(tested.stdout.contains(told), "{tested}");

    let library = plugin_at(&copy.join("kv"));
    fs::copy(library, place.path().join("libkv.so")).expect("copy the plugin");
    let mut build = place.ww(["build", "kv/guest"]);
    finish(build.env("CARGO_TARGET_DIR", target_dir().join("guests")), b"").exits(0);
    let mut run = quiet(node(&place, Path::new("kv/guest")), NATIVE.kv);
    let mut node = Running::start(&mut run);
    says(&mut node, "visit 1");
    ww(&place, &["kv", "put", "--of", "guest", "note/tea", "green"], b"").exits(0);
    says(&mut node, "heard of note/tea");
    drop(node.stdin.take());
    assert_eq!(node.end().exits(0).stdout, "visit 1\nheard of note/tea\nnote/tea: green\n");
}
