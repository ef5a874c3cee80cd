//! What `ww plugin list` shows of the plugins that a node would load, and how `ww run` refuses what cannot be loaded.

use std::fs;
use std::path::Path;

use ww_tests::library::{component, library, manifest};
use ww_tests::process::{Ended, Place, finish};
use ww_tests::scale::scaled;

fn list(place: &Place, arguments: &[&str]) -> Ended {
    finish(place.ww(["plugin", "list"]).args(arguments).env("RUST_BACKTRACE", "1"), b"")
}

/// Both verbs fail with the same line: one shows what the other does.
fn refused(place: &Place, arguments: &[&str], parts: &[&str]) {
    let run = ["run", "--listen", "/ip4/127.0.0.1/tcp/0", "--ephemeral", "image"];
    let ended = finish(place.ww(run).args(arguments).env("RUST_BACKTRACE", "1"), b"").fails_in_one_line(125, parts);
    let listed = list(place, arguments).fails_in_one_line(125, parts);
    assert_eq!((ended.stderr, ended.stdout, listed.stdout), (listed.stderr, String::new(), String::new()));
}

fn plugin(place: &Place, file: &str, name: &str, requires: &str) {
    library(&place.path().join(file), Some(&needing(name, requires)));
}

/// The manifest of a plugin that requires something.
fn needing(name: &str, requires: &str) -> String {
    manifest(name).replace("\"requires\":[]", &format!("\"requires\":[{requires}]"))
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
    fs::write(path, text).expect("the file");
}

/// A place with an image whose guest is not looked at before the plugins are.
fn place() -> Place {
    let place = Place::new();
    write(&place.path().join("image/boot/main.wasm"), "no guest");
    place
}

#[test]
fn nothing_is_loaded_where_nothing_is_said() {
    let place = Place::new();
    assert_eq!(list(&place, &[]).exits(0).stdout, "no plugins; `--plugin FILE` loads one\n");
    assert_eq!(list(&place, &["--json", "--no-default-plugins"]).exits(0).stdout, "[]\n");
}

#[test]
fn options_and_file_are_shown_together() {
    let place = Place::new();
    plugin(&place, "libkv.so", "kv", "\"log\", \"host\"");
    plugin(&place, "liblog.so", "log", "");
    fs::write(place.path().join("mem.wasm"), component(&needing("mem", "\"state\""))).expect("a component");
    let config = place.path().join("home/.config/ww/config.toml");
    write(&config, &format!("[plugins.log]\npath = '{}/liblog.so'\n", place.path().display()));
    let kv = ["--plugin", "libkv.so", "--grant", "kv:log", "--grant", "kv:host", "--set", "log.secret=hush"];
    let arguments = [&kv[..], &["--plugin", "mem.wasm", "--grant", "mem:state"]].concat();
    let shown = list(&place, &arguments).exits(0).stdout;
    let rows: Vec<Vec<&str>> =
        shown.lines().map(|line| line.split("  ").filter(|it| !it.is_empty()).collect()).collect();
    let rows: Vec<Vec<&str>> = rows.into_iter().map(|row| row.into_iter().map(str::trim).collect()).collect();
    let from = format!("config {}", config.display());
    let log = format!("{}/liblog.so", place.path().display());
    assert_eq!(rows[0], ["NAME", "VERSION", "OPENS", "FROM", "GRANTS", "FILE"]);
    assert_eq!(rows[1], ["log", "0.1.0", "at start", &from, "none", &log], "it is opened first");
    assert_eq!(rows[2], ["kv", "0.1.0", "at start", "--plugin", "host, log", "libkv.so"]);
    assert_eq!(rows[3], ["mem", "0.1.0", "at start", "--plugin", "state", "mem.wasm"]);
    let json = list(&place, &[&arguments[..], &["--json"]].concat()).exits(0).stdout;
    for part in
        [r#""name": "kv""#, r#""from": "--plugin""#, r#""file": "libkv.so""#, r#""sealed": false"#, r#""sha256": ""#]
    {
        assert!(json.contains(part), "{part} is missing in:\n{json}");
    }
    assert!(!shown.contains("hush") && !json.contains("hush"), "a configuration may hold secrets");
}

#[test]
fn a_plugin_that_cannot_be_loaded_is_told_in_one_line() {
    let place = place();
    plugin(&place, "libkv.so", "kv", "");
    plugin(&place, "other.so", "kv", "");
    plugin(&place, "host.so", "host", "");
    plugin(&place, "needy.so", "needy", "\"cells\"");
    plugin(&place, "asking.so", "asking", "\"host\"");
    plugin(&place, "one.so", "one", "\"two\"");
    plugin(&place, "two.so", "two", "\"one\"");
    write(&place.path().join("text.so"), "This is a text.\n");
    for (name, manifest) in [("state", manifest("state")), ("keeper", needing("keeper", "\"state\""))] {
        fs::write(place.path().join(format!("{name}.wasm")), component(&manifest)).expect("a component");
    }
    write(&place.path().join("limits.toml"), "[plugins.kv]\nmemory = '64MiB'\n");
    let whole = fs::read(place.path().join("libkv.so")).expect("the library");
    fs::write(place.path().join("cut.so"), &whole[..whole.len() / 2]).expect("a library");
    library(&place.path().join("abort.so"), Some(&manifest("kv").replace("unwind", "abort")));
    let circle = ["--plugin", "one.so", "--plugin", "two.so"];
    for (arguments, parts) in [
        (&["--plugin", "absent.so"][..], &["error: plugin absent.so: cannot be read: "][..]),
        (&["--plugin", "text.so"], &["error: plugin text.so: is a text; a plugin is "]),
        (&["--plugin", "cut.so"], &["error: plugin cut.so: the file is cut off or damaged: "]),
        (&["--plugin", "abort.so"], &["error: plugin abort.so: was built with panic = \"abort\""]),
        (
            &["--plugin", "libkv.so", "--grant", "kv:state"],
            &["error: plugin 'kv' is a native one, which has the files of its user; `state` can be granted to "],
        ),
        (
            &["--plugin", "libkv.so", "--config", "limits.toml"],
            &[
                "error: config limits.toml: plugins.kv: memory, cpu, pause, calls, answer and disk are limits of components",
            ],
        ),
        (
            &["--plugin", "state.wasm"],
            &["error: 'state' is the node's own, and state.wasm (--plugin) is called so too; "],
        ),
        (&["--plugin", "keeper.wasm"], &["error: plugin 'keeper' requires 'state', which it is not granted; "]),
        (
            &["--plugin", "libkv.so", "--plugin", "other.so"],
            &["two plugins are called 'kv': libkv.so ", " and other.so "],
        ),
        (&["--plugin", "host.so"], &["error: 'host' is the node's own, and host.so (--plugin) is called so too; "]),
        (
            &["--plugin", "needy.so"],
            &["error: plugin 'needy' requires 'cells', which nobody provides; there are: host"],
        ),
        (
            &["--plugin", "asking.so"],
            &["error: plugin 'asking' requires 'host', which it is not granted; add --grant asking:host"],
        ),
        (&circle, &["error: plugins require each other in a circle", ": one -> two -> one"]),
        (&["--grant", "kv:host"], &["error: --grant kv:host: there is no plugin 'kv'; "]),
        (
            &["--plugin", "libkv.so", "--set", "vk.a=1"],
            &["error: --set vk.a: there is no plugin 'vk'; there are: kv; "],
        ),
        (&["--plugin-dir", "absent"], &["error: --plugin-dir absent: No such file"]),
    ] {
        refused(&place, arguments, parts);
    }
}

/// The dynamic loader would end the process without a word.
#[test]
fn a_plugin_that_was_cut_or_damaged_never_gets_to_the_loader() {
    let place = place();
    plugin(&place, "libkv.so", "kv", "");
    finish(place.ww(["plugin", "seal", "libkv.so"]).env("RUST_BACKTRACE", "1"), b"").exits(0);
    let whole = fs::read(place.path().join("libkv.so")).expect("the library");
    let count = scaled(99) as usize;
    for part in 1..=count {
        let offset = whole.len() * part / (count + 1);
        let mut damaged = whole.clone();
        damaged[offset] ^= 1 << (part % 8);
        for bytes in [&whole[..offset], &damaged] {
            fs::write(place.path().join("libkv.so"), bytes).expect("the library");
            refused(&place, &["--plugin", "libkv.so"], &["error: plugin libkv.so: "]);
        }
    }
}

#[test]
fn a_configuration_that_is_wrong_is_told_with_its_place() {
    let place = place();
    for (text, parts) in [
        ("[plugins.kv]\npaht = 'libkv.so'\n", &["error: config node.toml:2:1: unknown field `paht`"][..]),
        ("[plugins.kv]\n", &["error: config node.toml: plugins.kv: there is no plugin 'kv'; there are: none; "]),
        ("[plugins.kv]\npath = 'lib/kv.so'\n", &["error: plugin lib/kv.so: cannot be read: "]),
        ("plugins = 3\n", &["error: config node.toml:1:11: "]),
    ] {
        write(&place.path().join("node.toml"), text);
        refused(&place, &["--config", "node.toml"], parts);
    }
    refused(&place, &["--config", "absent.toml"], &["error: config absent.toml: cannot be read: No such file"]);
    plugin(&place, "libkv.so", "kv", "");
    write(
        &place.path().join("node.toml"),
        &format!("[plugins.kv]\npath = 'libkv.so'\nsha256 = '{}'\n", "0".repeat(64)),
    );
    let parts = ["error: plugin libkv.so: its SHA-256 digest is ", ", and the configuration demands 0000"];
    refused(&place, &["--config", "node.toml"], &parts);
}

#[test]
fn folders_of_plugins_are_not_those_of_the_working_directory() {
    let place = Place::new();
    let mut command = place.ww(["plugin", "list"]);
    let ended = finish(command.env("WW_PLUGIN_PATH", "/opt:plugins"), b"");
    ended.fails_in_one_line(125, &["error: WW_PLUGIN_PATH: 'plugins' is no absolute path"]);
    let mut command = place.ww(["plugin", "list", "--no-default-plugins"]);
    finish(command.env("WW_PLUGIN_PATH", "plugins"), b"").exits(0);
}

#[test]
fn a_command_line_that_is_none() {
    let place = Place::new();
    for arguments in
        [&["--plugin", "KV=libkv.so"][..], &["--set", "kv=1"], &["--set", "kv.a"], &["--grant", "kv:"], &["x"]]
    {
        let ended = list(&place, arguments).exits(2);
        assert!(ended.stdout.is_empty() && !ended.stderr.contains("panicked"), "{ended}");
    }
}
