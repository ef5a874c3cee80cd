//! What cargo says of a project.

use std::io;
use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand};

use super::{Error, cargo, sdk};

/// A project: a package, a workspace, or a member of one.
pub(super) struct Project {
    /// Its directory, as the user named it.
    pub path: PathBuf,
    /// The same without symbolic links.
    pub directory: PathBuf,
    /// The packages of its workspace, and where that lies.
    pub metadata: Metadata,
}

impl Project {
    /// Asks cargo about the project whose manifest is in `path`.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let directory = path.canonicalize().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::NoDirectory(path.to_owned()),
            _ => Error::Refused { what: "open the project", message: format!("{}: {error}", path.display()) },
        })?;
        if !directory.join("Cargo.toml").is_file() {
            return Err(Error::NoManifest(path.to_owned()));
        }
        // Before cargo, which would only say that a file is missing.
        sdk::check(path)?;
        let mut command = cargo::command("cargo", &directory);
        command.args(["metadata", "--no-deps", "--format-version", "1"]);
        let answer = cargo::ask("cargo", "read the project", &mut command)?;
        let metadata = MetadataCommand::parse(answer)
            .map_err(|error| Error::Refused { what: "understand cargo's description", message: error.to_string() })?;
        Ok(Self { path: path.to_owned(), directory, metadata })
    }

    /// The package whose manifest is the project's, where it has one.
    pub(super) fn package(&self) -> Option<&cargo_metadata::Package> {
        let manifest = self.directory.join("Cargo.toml");
        self.metadata.packages.iter().find(|package| package.manifest_path == manifest)
    }
}
