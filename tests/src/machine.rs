//! A machine with an installed `ww`, for tests that do what a user does there.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use cargo_metadata::MetadataCommand;

use crate::binary::{target_dir, ww};
use crate::process::{Ended, Place, finish};
use crate::repository::root;

/// Where what a project's dependencies compile to is kept between runs: it is most of the work, and the same each time.
///
/// # Panics
/// Where the folder cannot be made.
pub fn kept(name: &str) -> PathBuf {
    let folder = target_dir().join("projects").join(name);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// A machine with an installed `ww` and a Rust toolchain, and with nothing of this repository.
pub struct Machine(Place);

impl Default for Machine {
    fn default() -> Self {
        Self::new()
    }
}

impl Machine {
    /// One where nothing was done.
    ///
    /// # Panics
    /// Where `ww` cannot be copied.
    pub fn new() -> Self {
        let place = Place::new();
        fs::create_dir(place.path().join("bin")).expect("a folder");
        // By a program: a descriptor of ours that writes would be inherited by whatever another test starts meanwhile, and
        // a program that somebody writes to cannot be started.
        let copied = Command::new("cp").arg(ww()).arg(place.path().join("bin/ww")).status();
        assert!(copied.expect("start cp").success(), "copy ww");
        Self(place)
    }

    /// Where the user is at first.
    ///
    /// # Panics
    /// Where the folder is gone.
    pub fn path(&self) -> PathBuf {
        self.0.path().canonicalize().expect("the place")
    }

    /// A program, with a small environment of its own, in a folder of the machine.
    ///
    /// # Panics
    /// Where the tests have no search path.
    pub fn command(&self, program: &str, folder: &str) -> Command {
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

    /// Runs `ww` to its end.
    ///
    /// # Panics
    /// Where it fails.
    pub fn ww(&self, folder: &str, arguments: &[&str]) -> Ended {
        finish(self.command("ww", folder).args(arguments), b"").exits(0)
    }

    /// Checks that a project is built from its own files and from the registry.
    ///
    /// # Panics
    /// Where it is not.
    pub fn stands_alone(&self, project: &str) {
        let mut cargo = self.command("cargo", project);
        let said = finish(cargo.args(["metadata", "--format-version", "1", "--locked"]), b"").exits(0).stdout;
        let metadata = MetadataCommand::parse(&said).expect("cargo's description");
        let (project, checkout) = (self.path().join(project), root().canonicalize().expect("the checkout"));
        assert_eq!(metadata.workspace_root.as_std_path(), project);
        let mut own = 0;
        for package in &metadata.packages {
            let manifest = package.manifest_path.as_std_path();
            own += u32::from(manifest.starts_with(&project));
            assert!(
                manifest.starts_with(&project) || package.source.is_some(),
                "{manifest:?} lies outside of the project"
            );
            assert!(!manifest.starts_with(&checkout), "{manifest:?} lies in the checkout");
        }
        assert!(own >= 4, "the project and the SDK are there");
        assert!(!said.contains(&checkout.display().to_string()), "cargo names the checkout");
    }
}
