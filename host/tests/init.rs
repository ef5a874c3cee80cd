//! `ww init`: what it makes, what it refuses, and that it leaves nothing behind.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use common::{place, read, tree, ww};

/// The name in the project's manifest.
#[track_caller]
fn package_name(project: &Path) -> String {
    let manifest: toml::Table = read(project.join("Cargo.toml")).parse().unwrap_or_else(|error| panic!("{error}"));
    manifest["package"]["name"].as_str().map(str::to_owned).unwrap_or_default()
}

#[test]
fn a_project_is_created_in_a_subdirectory() {
    let place = place();
    let outcome = ww(place.path(), &["init", "hello"]).expect(0).says(&["cd hello", "ww build", "ww run"]);
    assert_eq!(outcome.stdout, "");
    let project = place.path().join("hello");
    assert_eq!(package_name(&project), "hello");
    assert!(read(project.join("README.md")).starts_with("# hello\n"));
    for file in ["src/main.rs", ".gitignore", "Cargo.lock", "rust-toolchain.toml", ".ww/sdk/sdk/guest/Cargo.toml"] {
        assert!(project.join(file).is_file(), "{file}");
    }
    assert_eq!(tree(place.path(), &["hello"]).len(), 0, "nothing else is made");
}

#[test]
fn a_project_is_created_in_the_current_directory() {
    let place = place();
    let project = place.path().join("greeter");
    fs::create_dir_all(project.join(".git")).expect("a directory");
    common::write(project.join("LICENSE"), "mine");
    let outcome = ww(&project, &["init"]).expect(0);
    assert!(!outcome.stderr.contains("cd "), "{}", outcome.shown);
    assert_eq!(package_name(&project), "greeter");
    assert_eq!(read(project.join("LICENSE")), "mine");
}

#[test]
fn the_toolchain_is_the_one_that_this_repository_uses() {
    let place = place();
    ww(place.path(), &["init", "hello", "--template", "rust"]).expect(0);
    let ours = read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../rust-toolchain.toml"));
    let theirs = read(place.path().join("hello/rust-toolchain.toml"));
    for key in ["channel", "targets"] {
        let value = |text: &str| text.lines().find(|line| line.starts_with(key)).map(str::to_owned);
        assert_eq!(value(&ours), value(&theirs));
    }
}

#[test]
fn nothing_is_overwritten() {
    let place = place();
    ww(place.path(), &["init", "hello"]).expect(0);
    common::write(place.path().join("hello/src/main.rs"), "// mine");
    fs::remove_file(place.path().join("hello/README.md")).expect("it is there");
    let before = tree(place.path(), &[]);
    ww(place.path(), &["init", "hello"]).expect_error(125, &["Cargo.toml", "src/main.rs", "nothing is overwritten"]);
    ww(&place.path().join("hello"), &["init"]).expect_error(125, &["Cargo.toml"]);
    assert_eq!(tree(place.path(), &[]), before);
}

#[test]
fn nothing_is_left_behind() {
    let place = place();
    common::write(place.path().join("file"), "mine");
    ww(place.path(), &["init", "file"]).expect_error(125, &["file exists and is no directory"]);
    ww(place.path(), &["init", "file/hello"]).expect_error(125, &["file exists and is no directory"]);
    // The project's directory can be made, but its package could not be named after the parent of a new one.
    ww(place.path(), &["init", "new/.."]).expect_error(125, &["name a subdirectory"]);
    assert_eq!(tree(place.path(), &[]).len(), 1);
    assert_eq!(fs::read_dir(place.path()).map(Iterator::count).ok(), Some(1));
}

#[test]
fn the_root_of_the_file_system_has_no_name() {
    ww(Path::new("/"), &["init", "."]).expect_error(125, &["no package can be named after", "ww init NAME"]);
}

#[test]
fn an_unknown_template_lists_the_known_ones() {
    let place = place();
    ww(place.path(), &["init", "hello", "--template", "cobol"]).expect(2).says(&["cobol", "possible values: rust"]);
    assert_eq!(fs::read_dir(place.path()).map(Iterator::count).ok(), Some(0));
}

#[test]
fn odd_directories_give_valid_packages() {
    let place = place();
    for (directory, name) in
        [("123-x", "guest-123-x"), ("a b", "a-b"), ("capnp", "capnp-guest"), ("Test", "test-guest")]
    {
        let outcome = ww(place.path(), &["init", directory]).expect(0);
        assert_eq!(package_name(&place.path().join(directory)), name, "{}", outcome.shown);
        assert!(outcome.stderr.contains(&format!("`{name}`")), "{}", outcome.shown);
        let lock = read(place.path().join(directory).join("Cargo.lock"));
        assert!(lock.contains(&format!("name = \"{name}\"\nversion = \"0.1.0\"\n")), "{lock}");
    }
}

#[test]
fn the_sdk_is_renewed_in_place() {
    let place = place();
    let project = place.path().join("hello");
    ww(place.path(), &["init", "--renew-sdk"]).expect_error(125, &["no Cargo.toml", "ww init"]);
    ww(place.path(), &["init", "hello"]).expect(0);
    let fresh = tree(&project, &[]);
    common::write(project.join(".ww/sdk/VERSION"), "version = \"0.0.1\"\n");
    common::write(project.join(".ww/sdk/old.rs"), "");
    fs::remove_dir_all(project.join(".ww/sdk/wit")).expect("it is there");
    ww(place.path(), &["init", "--renew-sdk", "hello"]).expect(0).says(&[".ww/sdk"]);
    assert_eq!(tree(&project, &[]), fresh);
    fs::remove_dir_all(project.join(".ww")).expect("it is there");
    ww(&project, &["init", "--renew-sdk"]).expect(0);
    assert_eq!(tree(&project, &[]), fresh);
}

/// The crates of the SDK.
const CRATES: &[&str] = &["capnp", "sdk/abi", "sdk/call", "sdk/guest", "sdk/plugin", "wit"];

/// Files of the crates that are under version control; in a checkout without git, those that are there.
fn versioned(root: &Path, options: &[&str]) -> BTreeSet<String> {
    let output = Command::new("git").arg("-C").arg(root).arg("ls-files").args(options).arg("--").args(CRATES).output();
    if let Some(output) = output.ok().filter(|output| output.status.success()) {
        return String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    }
    let inside = |name: &&str| {
        let files = tree(&root.join(name), &["target"]).into_keys();
        files.map(|file| format!("{name}/{file}")).collect::<Vec<_>>()
    };
    CRATES.iter().flat_map(inside).collect()
}

#[test]
fn the_sdk_holds_what_is_under_version_control() {
    let place = place();
    ww(place.path(), &["init", "hello"]).expect(0);
    let unpacked = tree(&place.path().join("hello/.ww/sdk"), &[]);
    let unpacked: BTreeSet<_> = unpacked.into_keys().filter(|file| file != "VERSION" && file != "Cargo.toml").collect();
    // What only building or testing the crates by themselves needs stays at home.
    let stays = |file: &String| {
        let aside = ["/tests/", "/benches/", "/examples/"].iter().any(|part| file.contains(part));
        aside || file.ends_with("/Cargo.lock") || file.contains("/.")
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let tracked = versioned(&root, &["--cached"]);
    let missing: Vec<_> = tracked.difference(&unpacked).filter(|file| !stays(file)).collect();
    assert!(missing.is_empty(), "not in the SDK: {missing:?}");
    // A file that is to be committed is no stranger.
    let known = versioned(&root, &["--cached", "--others", "--exclude-standard"]);
    let strangers: Vec<_> = unpacked.difference(&known).collect();
    assert!(strangers.is_empty(), "only in the SDK: {strangers:?}");
}
