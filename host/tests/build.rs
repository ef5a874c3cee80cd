//! `ww build`: which binary becomes what, and what it says where there is nothing to build with.

mod common;

use std::fs;
use std::path::Path;

use common::{command, place, run, write, ww};

const PROGRAM: &str = "fn main() { println!(\"hello\"); }\n";

/// The first bytes of a component.
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// Writes a package with `src/main.rs`; `more` is appended to its manifest.
fn package(directory: &Path, name: &str, more: &str) {
    let manifest =
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n{more}");
    write(directory.join("Cargo.toml"), &manifest);
    write(directory.join("src/main.rs"), PROGRAM);
}

#[track_caller]
fn assert_component(path: &Path) {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(bytes.starts_with(COMPONENT), "{} is no component", path.display());
}

#[test]
fn the_binary_named_like_the_package_boots() {
    let place = place();
    package(place.path(), "hello", "");
    write(place.path().join("src/bin/tool.rs"), PROGRAM);
    let outcome = ww(place.path(), &["build"]).expect(0).says(&["boot/main.wasm", "bin/tool.wasm", "Compiling hello"]);
    assert_eq!(outcome.stdout, "", "{}", outcome.shown);
    assert_component(&place.path().join("boot/main.wasm"));
    assert_component(&place.path().join("bin/tool.wasm"));
    assert!(place.path().join("target/wasm32-wasip2/release").is_dir());

    // Again, over what is there, from somewhere else.
    write(place.path().join("boot/main.wasm"), "rubbish");
    let path = place.path().display().to_string();
    ww(Path::new("/"), &["build", &path]).expect(0);
    assert_component(&place.path().join("boot/main.wasm"));
    let files: Vec<_> = common::tree(&place.path().join("boot"), &[]).into_keys().collect();
    assert_eq!(files, ["main.wasm"]);
}

#[test]
fn the_manifest_names_another_one_to_boot() {
    let place = place();
    package(place.path(), "several", "[package.metadata.ww]\nboot = \"other\"\n");
    write(place.path().join("src/bin/other.rs"), "fn main() { println!(\"the other\"); }\n");
    ww(place.path(), &["build", "--debug"]).expect(0);
    let boot = fs::read(place.path().join("boot/main.wasm")).expect("it was built");
    assert!(boot.windows(9).any(|bytes| bytes == b"the other"));
    assert!(boot.windows(11).any(|bytes| bytes == b".debug_line"), "debug info stays");
    assert_component(&place.path().join("bin/several.wasm"));
    assert!(!place.path().join("bin/other.wasm").exists());
    assert!(place.path().join("target/wasm32-wasip2/debug").is_dir());
}

#[test]
fn it_builds_inside_another_workspace_and_with_a_target_directory() {
    let (place, target) = (place(), place());
    write(place.path().join("Cargo.toml"), "[workspace]\nresolver = \"3\"\nmembers = []\n");
    write(place.path().join("rust-toolchain.toml"), "[toolchain]\nchannel = \"1.0.0\"\n");
    let project = place.path().join("guests/hello");
    package(&project, "hello", "");
    let pin = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rust-toolchain.toml");
    fs::copy(pin, project.join("rust-toolchain.toml")).expect("a copy");
    let mut command = command(place.path(), &["build", "guests/hello"]);
    command.env("CARGO_TARGET_DIR", target.path());
    run(command).expect(0);
    assert_component(&project.join("boot/main.wasm"));
    assert!(!project.join("target").exists());
    assert!(target.path().join("wasm32-wasip2/release").is_dir());
}

#[test]
fn what_an_outer_cargo_sets_does_no_harm() {
    let place = place();
    package(place.path(), "hello", "");
    let mut command = command(place.path(), &["build"]);
    // As under `cargo run`: the outer cargo's own variables, with values that would break the build.
    command.envs([("CARGO", "/nowhere/cargo"), ("CARGO_MANIFEST_DIR", "/nowhere"), ("CARGO_PKG_NAME", "outer")]);
    command.envs([("RUSTUP_TOOLCHAIN", "no-such-toolchain"), ("RUSTC", "/nowhere/rustc")]);
    command.envs([("CARGO_ENCODED_RUSTFLAGS", "--no-such-flag"), ("RUSTFLAGS", "--no-such-flag")]);
    run(command).expect(0);
}

#[test]
fn code_that_does_not_compile_changes_nothing() {
    let place = place();
    package(place.path(), "hello", "");
    write(place.path().join("src/main.rs"), "fn main() { let x: u8 = \"text\"; }");
    write(place.path().join("boot/main.wasm"), "old");
    let outcome = ww(place.path(), &["build"]).expect(125).says(&["mismatched types", "error: cargo build failed"]);
    assert!(!outcome.stderr.contains("stack backtrace"), "{}", outcome.shown);
    assert_eq!(common::read(place.path().join("boot/main.wasm")), "old");
}

#[test]
fn a_missing_project_is_one_line() {
    let place = place();
    ww(place.path(), &["build"]).expect_error(125, &["no Cargo.toml in .", "ww init"]);
    ww(place.path(), &["build", "nowhere"]).expect_error(125, &["no such directory: nowhere"]);
    write(place.path().join("Cargo.toml"), "[package\n");
    ww(place.path(), &["build"]).expect_error(125, &["read the project", "Cargo.toml"]);
}

#[test]
fn a_workspace_lists_its_members() {
    let place = place();
    write(place.path().join("Cargo.toml"), "[workspace]\nresolver = \"3\"\nmembers = [\"one\"]\n");
    write(place.path().join("one/Cargo.toml"), "[package]\nname = \"one\"\nedition = \"2024\"\n");
    write(place.path().join("one/src/main.rs"), PROGRAM);
    ww(place.path(), &["build"]).expect_error(125, &["`ww build one`"]);
    ww(place.path(), &["build", "one"]).expect(0);
    assert_component(&place.path().join("one/boot/main.wasm"));
}

#[test]
fn a_package_without_something_to_boot_is_one_line() {
    let library = place();
    write(library.path().join("Cargo.toml"), "[package]\nname = \"lib\"\nedition = \"2024\"\n[workspace]\n");
    write(library.path().join("src/lib.rs"), "");
    ww(library.path(), &["build"]).expect_error(125, &["`lib` has no binary", "src/main.rs"]);

    let place = place();
    package(place.path(), "hello", "[package.metadata.ww]\nboot = \"nobody\"\n");
    ww(place.path(), &["build"]).expect_error(125, &["`nobody`", "`hello`", "[package.metadata.ww] boot"]);
    package(place.path(), "hello", "[package.metadata.ww]\nboot = 1\n");
    ww(place.path(), &["build"]).expect_error(125, &["boot is the name of a binary"]);
}

#[test]
fn a_missing_cargo_is_one_line() {
    let place = place();
    package(place.path(), "hello", "");
    let mut command = command(place.path(), &["build"]);
    command.env("PATH", "");
    run(command).expect_error(125, &["cargo was not found", "https://rustup.rs"]);
}

#[cfg(unix)]
#[test]
fn a_missing_target_is_one_line() {
    use std::os::unix::fs::PermissionsExt as _;

    let (place, tools) = (place(), common::place());
    package(place.path(), "hello", "");
    let rustc = tools.path().join("rustc");
    let sysroot = "/home/somebody/.rustup/toolchains/1.95.0-x86_64-unknown-linux-gnu";
    write(&rustc, &format!("#!/bin/sh\necho {sysroot}\necho {sysroot}/lib/rustlib/wasm32-wasip2/lib\n"));
    fs::set_permissions(&rustc, fs::Permissions::from_mode(0o755)).expect("permissions");
    let mut command = command(place.path(), &["build"]);
    command.env("PATH", format!("{}:{}", tools.path().display(), std::env::var("PATH").unwrap_or_default()));
    run(command).expect_error(125, &["rustup target add wasm32-wasip2 --toolchain 1.95.0-x86_64-unknown-linux-gnu"]);
}

#[test]
fn a_toolchain_that_is_not_installed_is_one_line() {
    let place = place();
    package(place.path(), "hello", "");
    write(place.path().join("rust-toolchain.toml"), "[toolchain]\npath = \"/nowhere\"\n");
    ww(place.path(), &["build"]).expect_error(125, &["read the project", "/nowhere"]);
}

#[test]
fn an_sdk_of_another_version_is_told_of() {
    let place = place();
    package(place.path(), "hello", "");
    let stamp = place.path().join(".ww/sdk/VERSION");
    write(&stamp, "version = \"0.0.1\"\ncontract = 1\ndigest = \"\"\n");
    let renew = "run `ww init --renew-sdk`";
    ww(place.path(), &["build"]).expect(0).says(&["warning: the SDK in .ww/sdk is of ww 0.0.1, older than", renew]);
    write(&stamp, "version = \"999.0.0\"\ncontract = 1\ndigest = \"\"\n");
    ww(place.path(), &["build"]).expect(0).says(&["warning:", "newer than this ww", renew]);
    write(&stamp, "rubbish");
    ww(place.path(), &["build"]).expect(0).says(&["warning: .ww/sdk does not say", renew]);
    write(&stamp, "version = \"0.0.1\"\ncontract = 0\ndigest = \"\"\n");
    ww(place.path(), &["build"]).expect_error(125, &["ww 0.0.1 with contract 0", renew]);
    ww(place.path(), &["init", "--renew-sdk"]).expect(0);
    let outcome = ww(place.path(), &["build"]).expect(0);
    assert!(!outcome.stderr.contains("warning"), "{}", outcome.shown);
}

#[test]
fn an_sdk_that_is_missing_is_one_line() {
    let place = place();
    package(place.path(), "hello", "[dependencies]\nww-guest = { path = \".ww/sdk/sdk/guest\" }\n");
    ww(place.path(), &["build"]).expect_error(125, &["the SDK is not unpacked", "run `ww init --renew-sdk`"]);
}
