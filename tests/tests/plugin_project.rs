//! From nothing to a plugin and a guest that uses it, with nothing but an installed `ww`, and what is told where that cannot
//! be.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use ww_tests::image::contents;
use ww_tests::library::manifest;
use ww_tests::machine::{Machine, kept};
use ww_tests::process::{Ended, finish};

/// A machine on which `ww plugin new NAME` was typed, and builds are kept.
fn with_project(name: &str) -> Machine {
    let machine = Machine::new();
    machine.ww("", &["plugin", "new", name]);
    symlink(kept("plugin"), machine.path().join(name).join("target")).expect("a link");
    machine
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
    fs::write(path, text).expect("the file");
}

/// Runs the guest of the project with a plugin, and gives what it prints.
fn adds(machine: &Machine, name: &str, plugin: &str, numbers: &[&str]) -> String {
    let start = format!("{name}.start=100");
    let run = ["run", "--port", "0", "--ephemeral", "--plugin", plugin, "--set", &start, "guest", "--"];
    machine.ww(name, &[&run, numbers].concat()).stdout
}

#[test]
fn new_build_and_run_both_kinds() {
    let machine = with_project("tally");
    machine.stands_alone("tally");
    let tested = finish(machine.command("cargo", "tally").args(["test", "--locked"]), b"").exits(0);
    assert!(tested.stdout.contains("test tests::it_adds_up ... ok"), "{tested}");
    assert!(!tested.stderr.contains("warning"), "{tested}");

    let built = machine.ww("tally", &["plugin", "build"]);
    for line in ["built dist/libtally.so (", "built dist/tally.wasm ("] {
        assert!(built.stderr.contains(line), "{built}");
    }
    assert!(!built.stderr.contains("warning"), "{built}");
    machine.ww("tally", &["build", "guest"]);
    let files: Vec<_> = contents(&machine.path().join("tally/dist")).into_keys().collect();
    assert_eq!(files, ["libtally.so", "tally.wasm"].map(PathBuf::from));
    for file in ["dist/libtally.so", "dist/tally.wasm"] {
        let said = machine.ww("tally", &["plugin", "inspect", file]).stdout;
        for row in ["name         tally\n", "sealed       yes\n", "loads        yes\n"] {
            assert!(said.contains(row), "{said}");
        }
        assert_eq!(adds(&machine, "tally", file, &["1", "2", "3"]), "101\n103\n106\n");
    }

    // From the crate, too; there is nothing to be done a second time.
    let before = contents(&machine.path().join("tally/dist"));
    machine.ww("tally/tally", &["plugin", "build"]);
    assert!(contents(&machine.path().join("tally/dist")) == before, "another build gives other files");
    let section = ["-p", ".debug_info"];
    let shown = finish(machine.command("readelf", "tally").args(section).arg("dist/libtally.so"), b"").exits(0);
    assert!(shown.stderr.contains("not dumped because it does not exist"), "it has debug info: {shown}");
}

#[test]
fn a_guest_of_its_own_uses_a_plugin_by_its_interface() {
    let machine = with_project("tally");
    machine.ww("tally", &["plugin", "build", "--native"]);
    let before = contents(&machine.path().join("tally/tally-api"));
    fs::create_dir(machine.path().join("far")).expect("a folder");
    let made = machine.ww("far", &["init", "--plugin-api", "../tally/tally-api", "away/user"]);
    assert!(made.stderr.ends_with("next:\n  cd away/user\n  ww build\n  ww run --plugin FILE\n"), "{made}");
    // By a relative way, so that both can move together.
    fs::rename(machine.path().join("far"), machine.path().join("near")).expect("move it");
    uses(&machine, "near/away/user");
    assert!(contents(&machine.path().join("tally/tally-api")) == before, "the interface was changed");

    // One that has ww's own types from its project's SDK: the guest has them from there, too.
    let manifest = machine.path().join("tally/tally-api/Cargo.toml");
    let text = fs::read_to_string(&manifest).expect("a manifest");
    let more = "[dependencies]\nww-capnp = { path = \"../.ww/sdk/capnp\" }\n";
    fs::write(&manifest, text.replace("[dependencies]\n", more)).expect("a manifest");
    machine.ww("", &["init", "--plugin-api", "tally/tally-api", "tally-api"]);
    assert!(!machine.path().join("tally-api/.ww").exists(), "it has two SDKs");
    uses(&machine, "tally-api");
}

/// Builds a guest of `tally`, and runs it with the plugin and without it.
fn uses(machine: &Machine, guest: &str) {
    let mut build = machine.command("ww", guest);
    let built = finish(build.arg("build").env("CARGO_TARGET_DIR", kept("user")), b"").exits(0);
    assert!(!built.stderr.contains("warning"), "{built}");
    let run = ["run", "--port", "0", "--ephemeral", guest];
    let with = machine.ww("", &[&run[..], &["--plugin", "tally/dist/libtally.so"]].concat());
    assert_eq!(with.stdout, "tally is here\n");
    let without = finish(machine.command("ww", "").args(run).env("RUST_LOG", "off"), b"").exits(1);
    assert!(without.stderr.contains("capability 'tally' is not configured"), "{without}");
}

#[test]
fn what_is_no_interface_is_told_in_one_line() {
    let machine = Machine::new();
    machine.ww("", &["plugin", "new", "tally"]);
    let before = contents(&machine.path());
    for (path, part) in [
        ("absent", "no package in absent; --plugin-api is the directory of the crate of an interface"),
        ("tally", "no package in tally; --plugin-api is the directory of the crate of an interface"),
        ("tally/tally", "no interface in tally/tally: no *_capnp.rs in its src has a method"),
    ] {
        finish(machine.command("ww", "").args(["init", "--plugin-api", path, "user"]), b"")
            .fails_in_one_line(125, &[part]);
    }
    finish(machine.command("ww", "").args(["init", "--plugin-api", "tally/tally-api", "tally"]), b"")
        .fails_in_one_line(125, &["in the way in tally: "]);
    let both = ["init", "--plugin-api", "tally/tally-api", "--renew-sdk"];
    assert!(finish(machine.command("ww", "").args(both), b"").exits(2).stderr.contains("cannot be used with"));
    assert!(contents(&machine.path()) == before, "something is left behind");
}

#[test]
fn a_name_of_several_words_goes_everywhere() {
    let machine = with_project("my-kv-2");
    machine.ww("my-kv-2", &["plugin", "build", "--native"]);
    machine.ww("my-kv-2", &["build", "guest"]);
    let files: Vec<_> = contents(&machine.path().join("my-kv-2/dist")).into_keys().collect();
    assert_eq!(files, [PathBuf::from("libmy-kv-2.so")]);
    assert_eq!(adds(&machine, "my-kv-2", "dist/libmy-kv-2.so", &["1"]), "101\n");
}

#[test]
fn what_is_no_name_or_in_the_way_leaves_nothing() {
    let machine = Machine::new();
    write(&machine.path().join("taken/README.md"), "mine");
    write(&machine.path().join("file"), "mine");
    let before = contents(&machine.path());
    for (name, part) in [
        ("Tally", "'Tally' cannot be the name of a plugin: 1 to 58 of a-z, 0-9, - and _, starting with a letter"),
        ("2kv", "'2kv' cannot be the name of a plugin: "),
        ("new/..", "no package can be named after the directory"),
        ("fn", "'fn' cannot be the name of a plugin: it has another meaning"),
        ("host", "'host' cannot be the name of a plugin: it has another meaning"),
        ("ww", "'ww' cannot be the name of a plugin: it has another meaning"),
        ("taken", "in the way in taken: README.md; nothing is overwritten"),
        ("file", "file exists and is no directory"),
    ] {
        finish(machine.command("ww", "").args(["plugin", "new", name]), b"").fails_in_one_line(125, &[part]);
    }
    assert!(contents(&machine.path()) == before, "something is left behind");
}

#[test]
fn the_sdk_is_renewed_wherever_it_is_asked_for() {
    let machine = with_project("tally");
    let version = machine.path().join("tally/.ww/sdk/VERSION");
    let fresh = fs::read_to_string(&version).expect("the SDK's version");
    for (folder, arguments) in [
        ("tally", &["init", "--renew-sdk"][..]),
        ("tally/guest", &["init", "--renew-sdk"]),
        ("", &["init", "--renew-sdk", "tally/tally"]),
    ] {
        write(&version, &fresh.replace("digest = \"", "digest = \"0"));
        let mut stale = machine.command("ww", folder);
        let stale = finish(stale.args(["plugin", "build", "--package", "absent"]).arg("."), b"");
        if !folder.is_empty() {
            assert!(stale.exits(125).stderr.contains("is of another build of ww"), "it goes unseen in {folder}");
        }
        machine.ww(folder, arguments);
        assert_eq!(fs::read_to_string(&version).expect("the SDK's version"), fresh);
    }
    fs::remove_dir_all(machine.path().join("tally/.ww")).expect("remove the SDK");
    for (path, renew) in [("tally", "tally"), ("tally/tally", "tally"), ("tally/guest", "tally")] {
        let part = format!("the SDK is not unpacked in {renew}; run `ww init --renew-sdk {renew}`");
        finish(machine.command("ww", "").args(["plugin", "build", path]), b"").fails_in_one_line(125, &[&part]);
    }
}

/// A crate without dependencies, whose library is what `source` says.
fn library(machine: &Machine, folder: &str, manifest: &str, source: &str) {
    let name = folder.rsplit('/').next().expect("a name");
    let package = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{manifest}");
    write(&machine.path().join(folder).join("Cargo.toml"), &package);
    write(&machine.path().join(folder).join("src/lib.rs"), source);
}

const CDYLIB: &str = "[lib]\ncrate-type = [\"cdylib\"]\n";

fn build(machine: &Machine, arguments: &[&str]) -> Ended {
    finish(machine.command("ww", "").args(["plugin", "build"]).args(arguments), b"")
}

#[test]
fn what_is_no_plugin_is_told_in_one_line() {
    let machine = Machine::new();
    let sdk = "[lib]\ncrate-type = [\"cdylib\"]\n[dependencies]\nww-plugin = { path = \"../ww-plugin\" }\n";
    library(&machine, "all/ww-plugin", "", "");
    library(&machine, "all/one", sdk, "");
    library(&machine, "all/two", sdk, "");
    write(
        &machine.path().join("all/Cargo.toml"),
        "[workspace]\nmembers = [\"one\", \"two\", \"ww-plugin\"]\nresolver = \"3\"\n",
    );
    library(&machine, "plain", &format!("{CDYLIB}[workspace]\n"), "");
    fs::create_dir(machine.path().join("empty")).expect("a folder");
    for (arguments, part) in [
        (&["absent"][..], "no such directory: absent"),
        (&["empty"], "no Cargo.toml in empty; create a project with `ww init`, or with `ww plugin new`"),
        (
            &["plain"],
            "no plugin in plain: no package there depends on `ww-plugin`; start one with `ww plugin new NAME`",
        ),
        (&["all"], "all has several plugins; choose one of them: `--package one`, `--package two`"),
        (&["all", "-p", "three"], "all has no package `three`; it has one, two, ww-plugin"),
        (&["all", "-p", "ww-plugin"], "package `ww-plugin` is no plugin: it gives no shared library"),
    ] {
        build(&machine, arguments).fails_in_one_line(125, &[part]);
    }
    for kind in ["--native", "--component"] {
        let ended = build(&machine, &["all/one", kind]).exits(125);
        let part = "error: package `one` is no plugin: it exports no provider; its src/lib.rs has to say `ww_plugin::export!(TYPE);`\n";
        assert!(ended.stderr.ends_with(part), "{ended}");
    }
    assert!(!machine.path().join("all/dist").exists(), "something was written");
}

/// What makes a plugin of a library as far as its file goes.
fn marked(name: &str, panic: &str) -> String {
    let section = manifest(name).replace("\"unwind\"", &format!("\"{panic}\""));
    let length = section.len();
    format!("#[used]\n#[unsafe(link_section = \"ww.manifest\")]\nstatic MANIFEST: [u8; {length}] = *b{section:?};\n")
}

#[test]
fn what_no_node_would_load_is_not_written() {
    let machine = Machine::new();
    let alone = format!("{CDYLIB}[workspace]\n");
    library(&machine, "aborts", &format!("{alone}[profile.release]\npanic = \"abort\"\n"), &marked("aborts", "abort"));
    let ended = build(&machine, &["aborts", "-p", "aborts", "--native"]).exits(125);
    assert!(ended.stderr.contains("was built with panic = \"abort\""), "{ended}");

    // A shared library may do what a component cannot.
    library(&machine, "sockets", &alone, &(marked("sockets", "unwind") + "pub use std::os::unix::net::UnixStream;\n"));
    let ended = build(&machine, &["sockets", "-p", "sockets"]).exits(125);
    let last = ended.stderr.lines().last().expect("a line");
    assert!(
        last.contains("its messages are above. A component has no threads and no sockets: docs/plugins.md"),
        "{ended}"
    );
    assert!(ended.stderr.contains("error[E0"), "the compiler's own words: {ended}");
    for project in ["aborts", "sockets"] {
        assert!(!machine.path().join(project).join("dist").exists(), "something was written");
    }
    let ended = build(&machine, &["sockets", "-p", "sockets", "--native"]).exits(0);
    assert!(ended.stderr.contains("built sockets/dist/libsockets.so ("), "{ended}");
}

#[test]
fn only_a_component_takes_its_target() {
    let machine = Machine::new();
    library(&machine, "kv", &format!("{CDYLIB}[workspace]\n"), &marked("kv", "unwind"));
    // A toolchain that knows the target, and has no libraries for it.
    let rustc = "#!/bin/sh\ncase \"$*\" in *wasm32-wasip2*) echo /opt/toolchains/none; echo /nowhere;; *) exec rustc \"$@\";; esac\n";
    let program = machine.path().join("rustc-without");
    write(&program, rustc);
    finish(machine.command("chmod", "").arg("+x").arg(&program), b"").exits(0);
    let build = |kind: &str| {
        let mut build = machine.command("ww", "");
        finish(build.args(["plugin", "build", "kv", "-p", "kv", kind]).env("RUSTC", &program), b"")
    };
    let part = "the project's toolchain has no target wasm32-wasip2; run `rustup target add wasm32-wasip2";
    build("--component").fails_in_one_line(125, &[part]);
    assert!(build("--native").exits(0).stderr.contains("built kv/dist/libkv.so ("));
}
