//! A native plugin that is ready for the dynamic loader.

#[cfg(target_os = "linux")]
mod place;

use std::path::{Path, PathBuf};

use super::file::{Fault, FileError, Kind, Machine, PluginFile};
use super::manifest::{Manifest, Panic};

/// A native plugin that was checked, and lies where the dynamic loader finds the very bytes that were checked.
#[derive(Debug)]
pub struct Library {
    path: PathBuf,
    manifest: Manifest,
    sealed: bool,
    place: PathBuf,
}

impl Library {
    /// Makes a file ready to be loaded into this process.
    ///
    /// A copy of its bytes stays in memory as long as the process lives, since what was loaded is never unloaded.
    ///
    /// # Errors
    /// Where it is a component, was built for another machine, would end the process when it panics, or cannot be put
    /// anywhere.
    pub fn prepare(file: PluginFile) -> Result<Self, FileError> {
        loadable(&file).map_err(|fault| file.refuse(fault))?;
        if file.kind() == Kind::Component {
            return Err(file.refuse(Fault::Component));
        }
        let place = place(&file).map_err(|error| file.refuse(Fault::Place(error)))?;
        let manifest = file.manifest().clone();
        Ok(Self { path: file.path().to_owned(), manifest, sealed: file.is_sealed(), place })
    }

    /// The file, as the operator named it: for messages.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What to give to the dynamic loader.
    pub fn place(&self) -> &Path {
        &self.place
    }

    /// What it says of itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Whether it carries a seal, which matches.
    pub fn is_sealed(&self) -> bool {
        self.sealed
    }
}

/// Checks that this process can load the file.
pub(crate) fn loadable(file: &PluginFile) -> Result<(), Fault> {
    match file.kind() {
        Kind::Native(built) if built != Machine::HERE => Err(Fault::Machine { built }),
        Kind::Native(_) if file.manifest().panic == Panic::Abort => Err(Fault::Aborts),
        // Of a component no panic leaves its cell.
        Kind::Native(_) | Kind::Component => Ok(()),
    }
}

#[cfg(target_os = "linux")]
fn place(file: &PluginFile) -> std::io::Result<PathBuf> {
    place::put(file.manifest().name.as_str(), file.bytes())
}

#[cfg(not(target_os = "linux"))]
fn place(_: &PluginFile) -> std::io::Result<PathBuf> {
    Err(std::io::Error::new(std::io::ErrorKind::Unsupported, "native plugins are loaded on Linux only"))
}

#[cfg(test)]
mod tests;
