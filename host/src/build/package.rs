//! What there is to compile, and what becomes of it.

use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, PackageId};

use super::Error;
use super::project::Project;

/// A guest project's package.
pub(super) struct Package {
    /// The directory of its manifest, which is the image's too; without symbolic links.
    pub directory: PathBuf,
    /// Cargo's name for it.
    pub id: PackageId,
    /// Its binaries, the one to boot first.
    pub binaries: Vec<Binary>,
}

/// A binary of a package.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Binary {
    /// Its name.
    pub name: String,
    /// Where in the image it goes.
    pub destination: PathBuf,
}

impl Package {
    /// Asks cargo about the package whose manifest is in `path`.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let project = Project::read(path)?;
        let Some(package) = project.package() else {
            let members = members(path, &project.directory, &project.metadata);
            return Err(Error::Workspace { directory: path.to_owned(), members });
        };
        Ok(Self { id: package.id.clone(), binaries: binaries(package)?, directory: project.directory })
    }
}

/// The members' directories, as the user would type them.
fn members(path: &Path, directory: &Path, metadata: &Metadata) -> Vec<String> {
    let directories = metadata.packages.iter().filter_map(|package| package.manifest_path.parent());
    let relative = directories.filter_map(|member| member.as_std_path().strip_prefix(directory).ok());
    relative
        .map(|member| if path == Path::new(".") { member.to_owned() } else { path.join(member) })
        .map(|member| member.display().to_string())
        .collect()
}

/// All binaries with their places, the one to boot first.
fn binaries(package: &cargo_metadata::Package) -> Result<Vec<Binary>, Error> {
    let names: Vec<&str> =
        package.targets.iter().filter(|target| target.is_bin()).map(|target| target.name.as_str()).collect();
    let package_name = package.name.to_string();
    if names.is_empty() {
        return Err(Error::NoBinary(package_name));
    }
    let boot = match package.metadata.get("ww").and_then(|table| table.get("boot")) {
        None => package_name.as_str(),
        Some(name) => name.as_str().ok_or_else(|| Error::BadBoot(package_name.clone()))?,
    };
    if !names.contains(&boot) {
        let binaries = names.iter().map(|name| format!("`{name}`")).collect();
        return Err(Error::NoBoot { boot: boot.to_owned(), package: package_name, binaries });
    }
    let binary = |name: &str, destination: String| Binary { name: name.to_owned(), destination: destination.into() };
    let mut all = vec![binary(boot, "boot/main.wasm".to_owned())];
    all.extend(names.iter().filter(|name| **name != boot).map(|name| binary(name, format!("bin/{name}.wasm"))));
    Ok(all)
}
