//! Compiles with cargo, whose messages say where the results are.

use std::collections::HashMap;
use std::io::{self, BufReader};
use std::path::PathBuf;
use std::process::{ChildStdout, Stdio};

use cargo_metadata::{Artifact, Message, PackageId};

use super::package::Package;
use super::{Error, TARGET, cargo};
use crate::report;

/// A binary that was compiled.
pub(super) struct Compiled {
    /// Where cargo put it.
    pub artifact: PathBuf,
    /// Where in the image it goes.
    pub destination: PathBuf,
}

/// Compiles the package's binaries, with cargo's release profile or its dev profile. The compiler's output goes to
/// stderr as it comes.
pub(super) fn compile(package: &Package, debug: bool) -> Result<Vec<Compiled>, Error> {
    let failed = |source| Error::Run { program: "cargo", source };
    let mut command = cargo::command("cargo", &package.directory);
    command.args(["build", "--bins", "--target", TARGET, "--message-format", "json-render-diagnostics"]);
    command.args(["--package", &package.id.repr]);
    if !debug {
        command.arg("--release");
    }
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(failed)?;
    let messages = child.stdout.take();
    let artifacts = messages.map_or(Ok(HashMap::new()), |stdout| artifacts(stdout, &package.id));
    if artifacts.is_err() {
        // Nobody reads its messages any more.
        let _ = child.kill();
    }
    let status = child.wait().map_err(failed)?;
    let mut artifacts = artifacts.map_err(failed)?;
    if !status.success() {
        return Err(Error::Compile(status));
    }
    let compiled = package.binaries.iter().map(|binary| {
        let artifact = artifacts.remove(&binary.name).ok_or_else(|| Error::NotBuilt(binary.name.clone()))?;
        Ok(Compiled { artifact, destination: binary.destination.clone() })
    });
    compiled.collect()
}

/// The files of the package's binaries, by their names.
fn artifacts(messages: ChildStdout, package: &PackageId) -> io::Result<HashMap<String, PathBuf>> {
    let mut found = HashMap::new();
    for message in Message::parse_stream(BufReader::new(messages)) {
        match message? {
            Message::CompilerArtifact(artifact) if artifact.package_id == *package && artifact.target.is_bin() => {
                let name = artifact.target.name.clone();
                found.extend(component(artifact).map(|path| (name, path)));
            }
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
