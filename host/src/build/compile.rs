//! Compiles with cargo, whose messages say where the results are.

use std::collections::HashMap;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, ExitStatus, Stdio};

use cargo_metadata::{Artifact, Message, PackageId};

use super::install::{Contents, Fresh};
use super::package::Package;
use super::{Error, TARGET, cargo};
use crate::report;

/// Compiles the package's binaries, with cargo's release profile or its dev profile.
pub(super) fn compile(package: &Package, debug: bool) -> Result<Vec<Fresh>, Error> {
    let profile: &[&str] = if debug { &[] } else { &["--release"] };
    let arguments = [&["--bins", "--target", TARGET], profile].concat();
    let built = cargo_build(&package.directory, &package.id, &arguments, Error::Compile)?;
    let built = built.into_iter().filter(|artifact| artifact.target.is_bin());
    let mut built: HashMap<_, _> =
        built.filter_map(|artifact| Some((artifact.target.name.clone(), component(artifact)?))).collect();
    let fresh = package.binaries.iter().map(|binary| {
        let file = built.remove(&binary.name).ok_or_else(|| Error::NotBuilt(binary.name.clone()))?;
        Ok(Fresh { destination: binary.destination.clone(), contents: Contents::Copy(file) })
    });
    fresh.collect()
}

/// Runs `cargo build` for a package; gives what was built of it. The compiler's output goes to stderr as it comes; where it
/// has failed, `failure` makes an error of its status.
pub(super) fn cargo_build(
    directory: &Path,
    package: &PackageId,
    arguments: &[&str],
    failure: impl FnOnce(ExitStatus) -> Error,
) -> Result<Vec<Artifact>, Error> {
    let failed = |source| Error::Run { program: "cargo", source };
    let mut command = cargo::command("cargo", directory);
    command.arg("build").args(arguments).args(["--message-format", "json-render-diagnostics"]);
    command.args(["--package", &package.repr]);
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(failed)?;
    let messages = child.stdout.take();
    let artifacts = messages.map_or(Ok(Vec::new()), |stdout| artifacts(stdout, package));
    if artifacts.is_err() {
        // Nobody reads its messages any more.
        let _ = child.kill();
    }
    let status = child.wait().map_err(failed)?;
    let artifacts = artifacts.map_err(failed)?;
    if status.success() { Ok(artifacts) } else { Err(failure(status)) }
}

/// What was built of the package.
fn artifacts(messages: ChildStdout, package: &PackageId) -> io::Result<Vec<Artifact>> {
    let mut found = Vec::new();
    for message in Message::parse_stream(BufReader::new(messages)) {
        match message? {
            Message::CompilerArtifact(artifact) if artifact.package_id == *package => found.push(artifact),
            // What a procedural macro printed, for example.
            Message::TextLine(line) => report::say(&line),
            _ => {}
        }
    }
    Ok(found)
}

fn component(artifact: Artifact) -> Option<PathBuf> {
    let mut files = artifact.filenames.into_iter();
    artifact.executable.or_else(|| files.find(|file| file.extension() == Some("wasm"))).map(PathBuf::from)
}
