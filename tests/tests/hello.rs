//! From nothing to a greeting, with nothing but an installed `ww`: what a user does first.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::MetadataCommand;
use ww_tests::binary::{guest, ww};
use ww_tests::image::contents;
use ww_tests::node::run;
use ww_tests::process::{Ended, Place, finish};
use ww_tests::repository::root;

/// Where what the project's dependencies compile to is kept between runs: it is most of the work, and the same each time.
fn kept() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hello");
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// A machine with an installed `ww` and a Rust toolchain, and with nothing of this repository.
struct Machine(Place);

impl Machine {
    fn new() -> Self {
        let place = Place::new();
        fs::create_dir(place.path().join("bin")).expect("a folder");
        // By a program: a descriptor of ours that writes would be inherited by whatever another test starts meanwhile, and
        // a program that somebody writes to cannot be started.
        let copied = Command::new("cp").arg(ww()).arg(place.path().join("bin/ww")).status();
        assert!(copied.expect("start cp").success(), "copy ww");
        Self(place)
    }

    fn path(&self) -> PathBuf {
        self.0.path().canonicalize().expect("the place")
    }

    /// A program, with a small environment of its own.
    fn command(&self, program: &str, folder: &str) -> Command {
        let mut command = self.0.command(program);
        // The place's home, and where cargo and rustup keep what they have, as far as it is told.
        let given = command.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
        let homes = ["CARGO_HOME", "RUSTUP_HOME"].map(std::ffi::OsString::from).into_iter();
        let given: Vec<_> =
            homes.filter_map(|name| Some((name.clone(), std::env::var_os(name)?))).chain(given).collect();
        let path = std::env::var_os("PATH").expect("a search path");
        let path = std::iter::once(self.path().join("bin")).chain(std::env::split_paths(&path));
        command.env_clear().envs(given).current_dir(self.path().join(folder));
        command.env("PATH", std::env::join_paths(path).expect("a search path"));
        command
    }

    fn ww(&self, folder: &str, arguments: &[&str]) -> Ended {
        finish(self.command("ww", folder).args(arguments), b"").exits(0)
    }
}

/// Checks that the guest greeted with the id of the node that ran it.
fn greets(ended: &Ended) {
    let id = ended.stdout.strip_prefix("Hello from ").and_then(|it| it.strip_suffix("!\n"));
    let id = id.unwrap_or_else(|| panic!("no greeting: {ended}"));
    assert!(id.starts_with("12D3KooW"), "{ended}");
    assert!(ended.stderr.contains(&format!("node {id} runs ")), "{ended}");
}

/// Checks that a project is built from its own files and from the registry.
fn stands_alone(machine: &Machine, project: &str) {
    let mut cargo = machine.command("cargo", project);
    let said = finish(cargo.args(["metadata", "--format-version", "1", "--locked"]), b"").exits(0).stdout;
    let metadata = MetadataCommand::parse(&said).expect("cargo's description");
    let (project, checkout) = (machine.path().join(project), root().canonicalize().expect("the checkout"));
    assert_eq!(metadata.workspace_root.as_std_path(), project);
    let mut own = 0;
    for package in &metadata.packages {
        let manifest = package.manifest_path.as_std_path();
        own += u32::from(manifest.starts_with(&project));
        assert!(manifest.starts_with(&project) || package.source.is_some(), "{manifest:?} lies outside of the project");
        assert!(!manifest.starts_with(&checkout), "{manifest:?} lies in the checkout");
    }
    assert!(own >= 4, "the project and the SDK are there");
    assert!(!said.contains(&checkout.display().to_string()), "cargo names the checkout");
}

#[test]
fn init_build_and_run_in_an_empty_directory() {
    let machine = Machine::new();
    machine.ww("", &["init", "hello"]);
    symlink(kept(), machine.path().join("hello/target")).expect("a link");
    stands_alone(&machine, "hello");
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
    stands_alone(&machine, "outer/nested/greeter");
    // From elsewhere, by its path.
    let mut build = machine.command("ww", "");
    finish(build.args(["build", "outer/nested/greeter"]).env("CARGO_TARGET_DIR", kept()), b"").exits(0);
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
