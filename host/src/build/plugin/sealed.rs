//! A plugin's file, compiled, checked and sealed.

use std::path::Path;

use cargo_metadata::Package;

use super::super::Error;
use super::super::compile::cargo_build;
use super::super::install::{Contents, Fresh};
use super::super::project::Project;
use super::kind::Kind;
use crate::plugin::file::{Fault, PluginFile, seal};
use crate::plugin::manifest::Panic;

/// Compiles the package to a file of this kind.
pub(super) fn file(project: &Project, package: &Package, kind: Kind) -> Result<Fresh, Error> {
    let built = cargo_build(&project.directory, &package.id, kind.arguments(), |status| kind.failure(status))?;
    let mut files = built.into_iter().flat_map(|artifact| artifact.filenames);
    let file = files.find(|file| file.extension() == Some(kind.extension()));
    let file = file.ok_or_else(|| Error::NoLibrary(package.name.to_string()))?;
    let contents = Contents::Bytes(sealed(package, file.as_std_path())?);
    Ok(Fresh { destination: kind.destination(&package.name), contents })
}

/// The bytes of a plugin, with a seal. Its node would refuse the same as this.
fn sealed(package: &Package, file: &Path) -> Result<Vec<u8>, Error> {
    let file = PluginFile::read(file).map_err(|error| match error.fault {
        Fault::NoManifest(_) => Error::NoExport(package.name.to_string()),
        _ => Error::Plugin(error),
    })?;
    if matches!(file.kind(), crate::plugin::file::Kind::Native(_)) && file.manifest().panic == Panic::Abort {
        return Err(Error::Plugin(file.refuse(Fault::Aborts)));
    }
    let seal = if file.is_sealed() { Vec::new() } else { seal(&file) };
    Ok([file.bytes(), &seal].concat())
}
