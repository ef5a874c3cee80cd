//! From nothing to a greeting, with nothing but an installed `ww`: what a user does first.

use std::fs;
use std::os::unix::fs::symlink;

use ww_tests::binary::guest;
use ww_tests::image::contents;
use ww_tests::machine::{Machine, kept};
use ww_tests::node::run;
use ww_tests::process::{Ended, Place, finish};

/// Checks that the guest greeted with the id of the node that ran it.
fn greets(ended: &Ended) {
    let id = ended.stdout.strip_prefix("Hello from ").and_then(|it| it.strip_suffix("!\n"));
    let id = id.unwrap_or_else(|| panic!("no greeting: {ended}"));
    assert!(id.starts_with("12D3KooW"), "{ended}");
    assert!(ended.stderr.contains(&format!("node {id} runs ")), "{ended}");
}

#[test]
fn init_build_and_run_in_an_empty_directory() {
    let machine = Machine::new();
    machine.ww("", &["init", "hello"]);
    symlink(kept("hello"), machine.path().join("hello/target")).expect("a link");
    machine.stands_alone("hello");
    let built = machine.ww("hello", &["build"]);
    assert!(built.stderr.contains("boot/main.wasm"), "{built}");

    let before = contents(&machine.path().join("hello"));
    let first = machine.ww("hello", &["run", "--port", "0"]);
    greets(&first);
    let second = machine.ww("hello", &["run", "--port", "0"]);
    assert_eq!(second.stdout, first.stdout, "the node's identity is kept");
    assert_ne!(machine.ww("hello", &["run", "--port", "0", "--ephemeral"]).stdout, first.stdout);
    assert_eq!(contents(&machine.path().join("hello")), before, "running changes nothing in the image");
    // Nothing is there to be done a second time.
    machine.ww("hello", &["build"]);
    assert_eq!(contents(&machine.path().join("hello")), before);
}

#[test]
fn a_project_in_another_workspace_with_a_target_directory() {
    let machine = Machine::new();
    let nested = machine.path().join("outer/nested");
    fs::create_dir_all(&nested).expect("a folder");
    fs::write(machine.path().join("outer/Cargo.toml"), "[workspace]\nmembers = [\"nested/*\"]\n").expect("a manifest");
    machine.ww("outer/nested", &["init", "--template", "rust", "greeter"]);
    machine.stands_alone("outer/nested/greeter");
    // From elsewhere, by its path.
    let mut build = machine.command("ww", "");
    finish(build.args(["build", "outer/nested/greeter"]).env("CARGO_TARGET_DIR", kept("hello")), b"").exits(0);
    assert!(!nested.join("greeter/target").exists(), "it was built where the user said");
    greets(&machine.ww("", &["run", "outer/nested/greeter", "--port", "0"]));
}

#[test]
fn the_example_greets() {
    let place = Place::new();
    let image = place.image("hello", &guest("examples/hello")["hello"]);
    let ended = run(&place, &image, &[], b"").exits(0);
    assert!(ended.stdout.starts_with("Hello from 12D3KooW"), "{ended}");
}
