//! Builds what tests run: the node and guests, each once a test program, with cargo's own output in a failure.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};

use cargo_metadata::{Artifact, Message};

use crate::{process, repository};

/// The target that guests are built for.
pub const GUEST_TARGET: &str = "wasm32-wasip2";

/// The `ww` of this checkout, built with the profile of the tests.
///
/// # Panics
/// Where it does not build.
pub fn ww() -> &'static Path {
    static WW: OnceLock<PathBuf> = OnceLock::new();
    WW.get_or_init(|| {
        let mut build = cargo(&repository::root());
        // Of the whole workspace, as the tests themselves: with the same features, nothing is compiled twice.
        build.args(["build", "--workspace", "--bin", "ww"]);
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        let mut built = executables(&mut build);
        built.remove("ww").expect("cargo names the binary that it built")
    })
}

/// The components of a guest of this repository, such as `examples/hello`, by the names of its binaries.
///
/// # Panics
/// Where it is missing or does not build: a test without its guest is a failure, never a skip.
pub fn guest(folder: &str) -> BTreeMap<String, PathBuf> {
    guest_at(&repository::root().join(folder))
}

/// The components of the guest crate in `folder`, by the names of its binaries. All guests are built in one folder, so
/// that what they share is built once.
///
/// # Panics
/// Where it is missing or does not build.
pub fn guest_at(folder: &Path) -> BTreeMap<String, PathBuf> {
    assert!(folder.join("Cargo.toml").is_file(), "there is no guest crate in {}", folder.display());
    let mut build = cargo(folder);
    build.args(["build", "--release", "--bins", "--target", GUEST_TARGET]);
    build.env("CARGO_TARGET_DIR", target_dir().join("guests"));
    let built = executables(&mut build);
    assert!(!built.is_empty(), "the guest crate in {} has no binary", folder.display());
    built
}

/// The library of a native plugin of this repository, such as `tests/plugins/conformance`.
///
/// # Panics
/// Where it is missing or does not build.
pub fn plugin(folder: &str) -> PathBuf {
    plugin_at(&repository::root().join(folder))
}

/// The library of the plugin crate in `folder`. All plugins are built in one folder, so that what they share is built once.
///
/// # Panics
/// Where it is missing or does not build.
pub fn plugin_at(folder: &Path) -> PathBuf {
    library(folder, cargo(folder), "plugins", &["build"])
}

/// The same plugin as a component.
///
/// # Panics
/// Where it is missing or does not build.
pub fn component(folder: &str) -> PathBuf {
    let folder = repository::root().join(folder);
    library_of(&folder, cargo(&folder), "plugins", &["build", "--target", GUEST_TARGET], "wasm")
}

/// The toolchain that is not the node's, as rustup names it.
///
/// # Panics
/// Where the list of it is empty.
pub fn other_toolchain() -> &'static str {
    let lines = include_str!("../toolchain.txt").lines();
    lines.into_iter().find(|line| !line.starts_with('#')).expect("tests/toolchain.txt names a toolchain")
}

/// The library of a native plugin of this repository, built by another compiler than the node. `cargo xtask tools` brings it.
///
/// # Panics
/// Where it is missing or does not build.
pub fn plugin_by_another_compiler(folder: &str) -> PathBuf {
    let folder = repository::root().join(folder);
    let mut rustup = Command::new("rustup");
    rustup.current_dir(&folder).args(["run", other_toolchain(), "cargo"]);
    process::forget_cargo(&mut rustup);
    library(&folder, rustup, "plugins-of-others", &["build"])
}

/// The library of a native plugin, built with further arguments of `cargo rustc`: another one than without, under this name.
///
/// # Panics
/// Where it is missing or does not build.
pub fn plugin_as(folder: &str, name: &str, arguments: &[&str]) -> PathBuf {
    // Cargo puts all of them in one place: one at a time, each is copied to a place of its own.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = repository::root().join(folder);
    let built = library(&folder, cargo(&folder), "plugins", &[&["rustc"], arguments].concat());
    let place = target_dir().join("plugins/as").join(name);
    std::fs::create_dir_all(&place).expect("make a folder for the library");
    let copy = place.join(built.file_name().expect("a file has a name"));
    std::fs::copy(&built, &copy).expect("copy the library");
    copy
}

/// Builds a plugin by a command of this cargo, in this folder of ours. What follows the command goes to the end.
fn library(folder: &Path, cargo: Command, target: &str, command: &[&str]) -> PathBuf {
    library_of(folder, cargo, target, command, std::env::consts::DLL_EXTENSION)
}

/// As [`library`], a file whose name ends so.
fn library_of(folder: &Path, mut cargo: Command, target: &str, command: &[&str], extension: &str) -> PathBuf {
    assert!(folder.join("Cargo.toml").is_file(), "there is no plugin crate in {}", folder.display());
    let (command, rest) = command.split_at(1);
    let build = cargo.args(command).args(["--release", "--lib", "--message-format=json-render-diagnostics"]).args(rest);
    build.env("CARGO_TARGET_DIR", target_dir().join(target));
    let of_the_crate = |artifact: &Artifact| artifact.manifest_path.parent().is_some_and(|it| it == folder);
    let files = artifacts(build).into_iter().filter(of_the_crate).flat_map(|artifact| artifact.filenames);
    let library =
        files.map(|file| file.into_std_path_buf()).find(|file| file.extension().is_some_and(|it| it == extension));
    library.unwrap_or_else(|| panic!("the plugin crate in {} has no `cdylib`", folder.display()))
}

/// The folder that this checkout is built in; guests are built in `guests` there, plugins in `plugins`.
///
/// # Panics
/// Where cargo finds a mistake in a manifest.
pub fn target_dir() -> &'static Path {
    static TARGET: OnceLock<PathBuf> = OnceLock::new();
    TARGET.get_or_init(|| repository::metadata(&repository::root()).target_directory.into_std_path_buf())
}

fn cargo(folder: &Path) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(folder);
    process::forget_cargo(&mut cargo);
    cargo
}

/// Runs a build, and returns the executables that it made by their names.
fn executables(build: &mut Command) -> BTreeMap<String, PathBuf> {
    build.arg("--message-format=json-render-diagnostics");
    let artifacts = artifacts(build).into_iter();
    artifacts.filter_map(|artifact| Some((artifact.target.name, artifact.executable?.into_std_path_buf()))).collect()
}

/// Runs a build that tells what it made, and returns that.
fn artifacts(build: &mut Command) -> Vec<Artifact> {
    let output = build.output().expect("start cargo");
    assert!(output.status.success(), "{build:?} failed:\n{}", String::from_utf8_lossy(&output.stderr));
    let messages = Message::parse_stream(output.stdout.as_slice()).map(|it| it.expect("cargo's messages"));
    messages
        .filter_map(|message| match message {
            Message::CompilerArtifact(artifact) => Some(artifact),
            _ => None,
        })
        .collect()
}
