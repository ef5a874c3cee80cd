//! The templates' lock files, and a project that was made from one, built where a user would.
//!
//! The lock files are written by cargo: `WW_BLESS=1 cargo test -p ww --test template` renews them after a change of the
//! SDK's dependencies. They keep to the versions of the repository's own lock file.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{command, place, read, run, write, ww};

const HOW: &str = "renew it: WW_BLESS=1 cargo test -p ww --test template";

/// The templates by their folders, with the verbs that make projects of them.
const TEMPLATES: &[(&str, &[&str])] = &[("plugin", &["plugin", "new"]), ("rust", &["init"])];

fn lock_file(template: &str) -> PathBuf {
    repository().join("sdk/templates").join(template).join("Cargo.lock")
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Has cargo resolve the project's dependencies; gives what it complained about.
fn resolve(project: &Path, more: &[&str]) -> Result<(), String> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(project).args(["metadata", "--format-version", "1", "--filter-platform", "wasm32-wasip2"]);
    let output = cargo.args(more).output().map_err(|error| error.to_string())?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

/// Makes a project of this name.
fn project(place: &Path, verb: &[&str], name: &str) -> PathBuf {
    ww(place, &[verb, &[name]].concat()).expect(0);
    place.join(name)
}

/// Writes the templates' lock files anew.
fn bless() {
    /// Part of no other package's name.
    const NAME: &str = "hello-project";
    for (template, verb) in TEMPLATES {
        let place = place();
        let project = project(place.path(), verb, NAME);
        let lock = project.join("Cargo.lock");
        fs::copy(repository().join("Cargo.lock"), &lock).expect("a lock file to start from");
        resolve(&project, &[]).expect("cargo resolves the dependencies");
        write(lock_file(template), &read(lock).replace(NAME, "{{name}}"));
    }
}

#[test]
fn the_lock_files_are_what_cargo_would_write() {
    if std::env::var_os("WW_BLESS").is_some() {
        return bless();
    }
    let place = place();
    // Names that come first, in the middle and last in the lock file.
    for (template, verb) in TEMPLATES {
        fs::create_dir(place.path().join(template)).expect("a folder");
        for name in ["aaa", "hello", "zzz"] {
            let project = project(&place.path().join(template), verb, name);
            resolve(&project, &["--locked"]).unwrap_or_else(|error| panic!("{template}: {HOW}\n{error}"));
        }
    }
}

#[test]
fn the_lock_files_keep_to_the_versions_of_this_repository() {
    let ours = read(repository().join("Cargo.lock"));
    for (template, _) in TEMPLATES {
        for package in read(lock_file(template)).split("\n[[package]]\n").skip(1) {
            let mut lines = package.lines();
            let (name, version) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
            let known = ours.contains(&format!("\n{name}\n"));
            assert!(!known || ours.contains(&format!("\n{name}\n{version}\n")), "{template}: {name} {version}: {HOW}");
        }
    }
}

#[test]
fn a_new_project_builds_as_it_is() {
    let place = place();
    // Inside another workspace, with an SDK that nothing but the binary could have brought.
    write(place.path().join("Cargo.toml"), "[workspace]\nresolver = \"3\"\n");
    ww(place.path(), &["init", "hello"]).expect(0);
    let mut build = command(place.path(), &["build", "hello"]);
    // Kept between runs: compiling the SDK's dependencies is most of the work.
    build.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("template"));
    let lock = read(place.path().join("hello/Cargo.lock"));
    let outcome = run(build).expect(0).says(&["hello/boot/main.wasm"]);
    assert!(!outcome.stderr.contains("warning"), "{}", outcome.shown);
    let component = fs::read(place.path().join("hello/boot/main.wasm")).expect("it was built");
    assert!(component.starts_with(b"\0asm\x0d\0\x01\0"));
    assert_eq!(read(place.path().join("hello/Cargo.lock")), lock, "the lock file stays as it was");
}
