//! Plugins that others build: with another compiler, and with none of the libraries that ours use.

use std::path::Path;
use std::process::Command;

use cargo_metadata::MetadataCommand;
use ww_tests::binary::{other_toolchain, plugin, plugin_by_another_compiler};
use ww_tests::node::{node, probe};
use ww_tests::process::{Place, finish};
use ww_tests::repository::root;

/// What a guest hears from the plugin under this name, to each of these messages.
fn heard(library: &Path, name: &str, messages: &[&str]) -> Vec<String> {
    let place = Place::new();
    let image = probe(&place);
    let mut command = node(&place, &image);
    command.arg("--plugin").arg(format!("{name}={}", library.display())).env("RUST_LOG", "warn");
    let lines: String = (0..).zip(messages).map(|(at, message)| format!("{at} echo {name} {message}\n")).collect();
    let ended = finish(command.args(["--", "console"]), lines.as_bytes()).exits(0);
    assert_eq!(ended.stderr, "", "{ended}");
    let label = |at: usize| format!("{at}: ");
    let answer = |at: usize| ended.stdout.lines().find_map(|line| line.strip_prefix(&label(at)));
    (0..messages.len())
        .map(|at| answer(at).unwrap_or_else(|| panic!("no answer to {at}: {ended}")).to_owned())
        .collect()
}

fn version(rustc: &mut Command) -> String {
    let output = rustc.args(["--version"]).current_dir(root()).output().expect("start a compiler");
    String::from_utf8(output.stdout).expect("a version is a text")
}

#[test]
fn one_of_another_compiler_works() {
    let ours = version(&mut Command::new("rustc"));
    let theirs = version(Command::new("rustup").args(["run", other_toolchain(), "rustc"]));
    assert!(theirs.starts_with("rustc ") && ours != theirs, "{ours} is the other one, too: {theirs}");
    let library = plugin_by_another_compiler("tests/plugins/echo");
    let long = "x".repeat(100_000);
    assert_eq!(heard(&library, "echo", &["hello", &long]), ["hello (probe)".to_owned(), format!("{long} (probe)")]);
}

#[test]
fn one_of_the_bare_contract_works() {
    let manifest = root().join("tests/plugins/bare/Cargo.toml");
    let tree = MetadataCommand::new().manifest_path(manifest).exec().expect("the packages of the plugin");
    let libraries = tree.packages.iter().filter(|package| package.name.contains("capnp")).count();
    assert_eq!(libraries, 0, "a library for Cap'n Proto is in its tree");
    let library = plugin("tests/plugins/bare");
    let long = "x".repeat(100_000);
    assert_eq!(heard(&library, "bare", &["hello", &long, "a"]), ["hello", &long, "a"]);
}
