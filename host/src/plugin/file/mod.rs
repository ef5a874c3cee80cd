//! A plugin's file: read once, whole, and checked without executing anything.
//!
//! What is wrong with a native library would otherwise end the process: the dynamic loader trusts what it maps. So its
//! structure is checked first, and against flipped bits, which no such check finds, a file carries a **seal**: the BLAKE3
//! hash of all that is before it. The bytes that were checked are those that are loaded; the file is not opened again.

mod component;
mod digest;
mod elf;
mod error;
mod kind;
mod read;
mod seal;

use std::path::{Path, PathBuf};

pub use digest::{Sha256, Sha256Error};
pub use elf::Machine;
pub use error::{Fault, FileError};
pub use kind::Kind;
pub use read::MAX_BYTES;
pub use seal::write as seal;

use crate::plugin::Manifest;

/// A plugin's file, with its bytes.
pub struct PluginFile {
    path: PathBuf,
    bytes: Vec<u8>,
    kind: Kind,
    sealed: bool,
    manifest: Manifest,
}

impl PluginFile {
    /// Reads a file, of this machine or another one.
    ///
    /// # Errors
    /// Where it cannot be read, is no plugin, is cut off or damaged, does not match its seal, or was built for another
    /// contract.
    pub fn read(path: &Path) -> Result<Self, FileError> {
        let fail = |fault| FileError { path: path.to_owned(), fault };
        let bytes = read::read(path).map_err(fail)?;
        Self::parse(path, bytes).map_err(fail)
    }

    fn parse(path: &Path, bytes: Vec<u8>) -> Result<Self, Fault> {
        let (kind, sealed, section) = match kind::told_by(&bytes)? {
            kind::Format::Elf => {
                let (body, sealed) = seal::native(&bytes)?;
                let elf = elf::Elf::parse(body)?;
                elf.ends_with(body)?;
                (Kind::Native(elf.machine), sealed, elf.manifest)
            }
            kind::Format::Component => {
                let sealed = seal::component(&bytes)?;
                let component = component::Component::parse(&bytes)?;
                if component.has_seal != sealed {
                    return Err(Fault::Seal);
                }
                (Kind::Component, sealed, component.manifest)
            }
        };
        let section = section.ok_or(Fault::NoManifest(kind.names_without_manifest()))?;
        let manifest = Manifest::parse(section)?;
        Ok(Self { path: path.to_owned(), bytes, kind, sealed, manifest })
    }

    /// Where it lies, as it was named.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All of it, the seal included.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How the host would get hold of its provider.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether it carries a seal, which matches.
    pub fn is_sealed(&self) -> bool {
        self.sealed
    }

    /// What it says of itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The SHA-256 digest of all of it, as `sha256sum` prints it and a configuration may demand it.
    pub fn sha256(&self) -> Sha256 {
        Sha256::of(&self.bytes)
    }

    /// Checks the digest that a configuration demands.
    ///
    /// # Errors
    /// Where it is another one.
    pub fn require_sha256(&self, wanted: Sha256) -> Result<(), FileError> {
        match self.sha256() {
            found if found == wanted => Ok(()),
            found => Err(self.refuse(Fault::Digest { wanted, found })),
        }
    }

    /// An error of this file.
    pub(crate) fn refuse(&self, fault: Fault) -> FileError {
        FileError { path: self.path.clone(), fault }
    }
}

/// Without the bytes.
impl std::fmt::Debug for PluginFile {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut fields = formatter.debug_struct("PluginFile");
        fields.field("path", &self.path).field("kind", &self.kind).field("sealed", &self.sealed);
        fields.field("manifest", &self.manifest).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
