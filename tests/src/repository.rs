//! The repository itself, for the tests that read it.

use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand, Package};

/// Folders that hold nothing of ours: products of builds, and what git keeps.
const FOREIGN: &[&str] = &["target", ".git", ".ww"];

/// Where the repository lies.
///
/// # Panics
/// Where the tests lie in no repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the repository").to_path_buf()
}

/// What cargo says of the workspace in `folder`: its own crates, without what they depend on.
///
/// # Panics
/// Where cargo finds a mistake in a manifest.
pub fn metadata(folder: &Path) -> Metadata {
    let mut command = MetadataCommand::new();
    command.no_deps().current_dir(folder);
    command.exec().unwrap_or_else(|error| panic!("cargo metadata in {}: {error}", folder.display()))
}

/// Every crate of ours: those of the workspace, and those of each workspace of a guest.
pub fn crates() -> Vec<Package> {
    let root = root();
    let mut packages = metadata(&root).packages;
    let members: Vec<_> = packages.iter().map(|it| it.manifest_path.clone()).collect();
    for manifest in files(&root).into_iter().filter(|file| file.ends_with("Cargo.toml")) {
        let foreign = members.iter().any(|member| member.as_std_path() == manifest);
        // What `ww init` starts from is a project only when it is unpacked.
        if foreign || manifest == root.join("Cargo.toml") || manifest.starts_with(root.join("sdk/templates")) {
            continue;
        }
        let more = metadata(manifest.parent().expect("a manifest lies in a folder")).packages;
        packages.extend(more.into_iter().filter(|it| it.manifest_path.as_std_path() == manifest));
    }
    packages
}

/// The folder of a crate, from the repository's root: `host/cell`.
pub fn folder(package: &Package) -> String {
    relative(package.manifest_path.parent().expect("a manifest lies in a folder").as_std_path())
}

/// A path as it is written from the repository's root, with `/` on every system.
///
/// # Panics
/// Where the path lies outside.
pub fn relative(path: &Path) -> String {
    let inside = path.strip_prefix(root()).unwrap_or_else(|_| panic!("{} lies outside the repository", path.display()));
    inside.components().map(|it| it.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// The files of ours in `folder` and below, sorted: none that a build made. Symbolic links are not followed.
///
/// # Panics
/// Where a folder cannot be read.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("list {}: {error}", folder.display()));
    for entry in entries {
        let entry = entry.expect("an entry of a folder");
        let kind = entry.file_type().expect("what an entry is");
        if kind.is_file() {
            found.push(entry.path());
        } else if kind.is_dir() && !FOREIGN.iter().any(|it| entry.file_name() == *it) {
            found.extend(files(&entry.path()));
        }
    }
    found.sort();
    found
}

/// Our text files with their contents, by the paths from the root: those whose name ends in one of `endings`, less what
/// is generated.
///
/// # Panics
/// Where a file is no text.
pub fn texts(endings: &[&str]) -> Vec<(String, String)> {
    let files = files(&root()).into_iter().map(|file| (relative(&file), file));
    let ours = files.filter(|(name, _)| endings.iter().any(|it| name.ends_with(it)) && !name.ends_with("_capnp.rs"));
    ours.map(|(name, file)| {
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("read {name}: {error}"));
        (name, text)
    })
    .collect()
}
