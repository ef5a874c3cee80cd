//! `cargo xtask fuzz`: the targets of `tests/fuzz` under libFuzzer, with `cargo fuzz` on a nightly toolchain.
//!
//! What it learns stays under `target/fuzz`, and the next run goes on from there. An input that fails is made small and
//! put into the corpus that `cargo xtask test` replays.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cargo::{cargo, check, clean, executable, target_dir};
use crate::guests;
use crate::tools::{self, Purpose};

/// Where the targets are, one file each, in a workspace of their own.
const WORKSPACE: &str = "tests/fuzz/libfuzzer";

/// The inputs that are committed: a folder for each target.
const CORPUS: &str = "tests/fuzz/corpus";

/// The guest that the targets run, and the variable by which they are told where its component is.
const GUEST: &str = "tests/guests/fuzz";
const GUEST_VARIABLE: &str = "WW_FUZZ_GUEST";

/// Seconds that one input may take, and that making a failing one small takes at most.
const INPUT_SECONDS: u64 = 60;
const SHRINK_SECONDS: u64 = 120;

/// Runs `target`, or all of them one after the other, for so many seconds each.
///
/// # Errors
/// Where an input fails: the message names it.
pub(crate) fn fuzz(root: &Path, target: Option<&str>, seconds: u64) -> Result<()> {
    let all = targets(root)?;
    if let Some(name) = target.filter(|name| !all.iter().any(|it| it == name)) {
        bail!("there is no target `{name}`; there are {}", all.join(", "));
    }
    tools::bring(root, Purpose::Fuzzing)?;
    let fuzzer = Fuzzer::prepare(root)?;
    let mut found = Vec::new();
    for name in all.iter().filter(|name| target.is_none_or(|it| it == *name)) {
        eprintln!("==> fuzzing {name} for {seconds} s");
        found.extend(fuzzer.run(name, seconds)?);
    }
    if !found.is_empty() {
        let files: Vec<_> = found.iter().map(|file| file.display().to_string()).collect();
        bail!("inputs that fail: {}", files.join(", "));
    }
    Ok(())
}

/// The names of the targets, sorted.
fn targets(root: &Path) -> Result<Vec<String>> {
    let folder = root.join(WORKSPACE).join("fuzz_targets");
    let entries = std::fs::read_dir(&folder).with_context(|| format!("list {}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry?.path().file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

struct Fuzzer<'a> {
    root: &'a Path,
    /// Where it builds, learns and puts what fails.
    work: PathBuf,
    guest: PathBuf,
    program: PathBuf,
}

impl<'a> Fuzzer<'a> {
    /// Builds the guest, and takes the versions of all that the repository depends on.
    fn prepare(root: &'a Path) -> Result<Self> {
        let target = target_dir(root)?;
        let mut build = cargo(&root.join(GUEST));
        build.args(["build", "--release", "--target", guests::TARGET]).env("CARGO_TARGET_DIR", target.join("guests"));
        let guest = executable(&mut build, "fuzz")?;
        let lock = root.join(WORKSPACE).join("Cargo.lock");
        std::fs::copy(root.join("Cargo.lock"), &lock).with_context(|| format!("write {}", lock.display()))?;
        Ok(Self { root, work: target.join("fuzz"), guest, program: tools::fuzzer::program()? })
    }

    /// Runs a target; the inputs that failed, made small, in the corpus.
    fn run(&self, name: &str, seconds: u64) -> Result<Vec<PathBuf>> {
        let (learned, artifacts) = (self.folder("corpus", name)?, self.folder("artifacts", name)?);
        let before = files(&artifacts)?;
        let mut run = self.command("run", name);
        // What is new goes to the first folder.
        run.arg(&learned).arg(self.root.join(CORPUS).join(name)).arg("--");
        run.arg(format!("-artifact_prefix={}/", artifacts.display()));
        run.args([format!("-max_total_time={seconds}"), format!("-timeout={INPUT_SECONDS}")]);
        run.args(["-rss_limit_mb=4096", "-print_final_stats=1"]);
        let ended = check(&mut run);
        let mut found = files(&artifacts)?;
        found.retain(|file| !before.contains(file));
        if found.is_empty() {
            // It failed without an input: it was not built, or was stopped.
            ended?;
        }
        found.iter().map(|file| self.keep(name, file)).collect()
    }

    /// Makes an input that fails small, and puts it into the corpus.
    fn keep(&self, name: &str, input: &Path) -> Result<PathBuf> {
        let folder = input.parent().context("an input lies in a folder")?;
        let before = files(folder)?;
        let mut shrink = self.command("tmin", name);
        shrink.arg(input).args(["--", &format!("-max_total_time={SHRINK_SECONDS}")]);
        shrink.arg(format!("-artifact_prefix={}/", folder.display()));
        if let Err(error) = check(&mut shrink) {
            eprintln!("==> {} stays as long as it is: {error:#}", input.display());
        }
        // It leaves one file after the other, each smaller.
        let mut smaller = files(folder)?;
        smaller.retain(|file| !before.contains(file));
        smaller.push(input.to_owned());
        let length = |file: &PathBuf| std::fs::metadata(file).map_or(u64::MAX, |it| it.len());
        let smallest = smaller.iter().min_by_key(|file| length(file)).context("there is at least the input itself")?;
        let hash = smallest.file_name().context("an input has a name")?.to_string_lossy();
        let kept = self.root.join(CORPUS).join(name).join(format!("found-{hash}"));
        std::fs::copy(smallest, &kept).with_context(|| format!("write {}", kept.display()))?;
        Ok(kept)
    }

    fn folder(&self, what: &str, name: &str) -> Result<PathBuf> {
        let folder = self.work.join(what).join(name);
        std::fs::create_dir_all(&folder).with_context(|| format!("make {}", folder.display()))?;
        Ok(folder)
    }

    /// A command of `cargo fuzz` on the nightly toolchain.
    fn command(&self, verb: &str, name: &str) -> Command {
        let mut command = Command::new(&self.program);
        clean(&mut command);
        command.env_remove("CARGO").env("RUSTUP_TOOLCHAIN", tools::fuzzer::NIGHTLY).env(GUEST_VARIABLE, &self.guest);
        command.current_dir(self.root.join(WORKSPACE)).args(["fuzz", verb]);
        // Hardly anything of ours is unsafe, and without a sanitizer there is time for ten times as many inputs.
        command.args(["--sanitizer", "none", "--fuzz-dir", ".", "--target-dir"]).arg(&self.work).arg(name);
        command
    }
}

/// The files in a folder, sorted.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("list {}", folder.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    files.sort();
    Ok(files)
}
