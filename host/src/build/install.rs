//! Puts what was made in its place.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::Error;

/// A file that was made.
pub(super) struct Fresh {
    /// Where it goes, relative to a folder.
    pub destination: PathBuf,
    /// What is in it.
    pub contents: Contents,
}

/// What a file is to have in it.
pub(super) enum Contents {
    /// The same as this file.
    Copy(PathBuf),
    /// These bytes.
    Bytes(Vec<u8>),
}

/// A file that was written.
pub(super) struct Installed {
    /// Where it is, relative to the folder.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
}

/// Writes all files beside their places, then puts them there one by one. A node that reads them meanwhile sees the old
/// file or the new one, never a part.
pub(super) fn install(folder: &Path, files: &[Fresh]) -> Result<Vec<Installed>, Error> {
    let mut staged = Vec::new();
    for file in files {
        let place = folder.join(&file.destination);
        let copy = stage(&file.contents, &place).map_err(|source| Error::Write { path: place.clone(), source })?;
        staged.push((copy, place, &file.destination));
    }
    let install = |((copy, bytes), place, path): ((NamedTempFile, u64), PathBuf, &PathBuf)| {
        copy.persist(&place).map_err(|error| Error::Write { path: place, source: error.error })?;
        Ok(Installed { path: path.clone(), bytes })
    };
    staged.into_iter().map(install).collect()
}

/// Writes the contents to a new file in the directory of `place`; gives its size too.
fn stage(contents: &Contents, place: &Path) -> io::Result<(NamedTempFile, u64)> {
    let directory = place.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(directory)?;
    let mut builder = tempfile::Builder::new();
    // As for any new file: readable as far as the user's mask lets it be, not private as temporary files are.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.prefix(".ww-build-").tempfile_in(directory)?;
    let bytes = match contents {
        Contents::Copy(artifact) => io::copy(&mut File::open(artifact)?, &mut file)?,
        Contents::Bytes(bytes) => file.write_all(bytes).map(|()| bytes.len() as u64)?,
    };
    Ok((file, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

    #[test]
    fn files_replace_what_was_there() -> Result {
        let (image, target) = (tempfile::tempdir()?, tempfile::tempdir()?);
        let artifact = target.path().join("x.wasm");
        fs::write(&artifact, "new")?;
        fs::create_dir(image.path().join("boot"))?;
        fs::write(image.path().join("boot/main.wasm"), "a longer old one")?;
        let compiled = |to: &str| Fresh { destination: to.into(), contents: Contents::Copy(artifact.clone()) };
        let installed = install(image.path(), &[compiled("boot/main.wasm"), compiled("bin/x.wasm")])?;
        assert_eq!(installed.iter().map(|file| file.bytes).collect::<Vec<_>>(), [3, 3]);
        assert_eq!(fs::read(image.path().join("boot/main.wasm"))?, b"new");
        assert_eq!(fs::read(image.path().join("bin/x.wasm"))?, b"new");
        Ok(())
    }

    #[test]
    fn nothing_changes_where_one_is_missing() -> Result {
        let (image, target) = (tempfile::tempdir()?, tempfile::tempdir()?);
        let artifact = target.path().join("x.wasm");
        fs::write(&artifact, "new")?;
        fs::create_dir(image.path().join("boot"))?;
        fs::write(image.path().join("boot/main.wasm"), "old")?;
        let missing = target.path().join("y.wasm");
        let compiled = [
            Fresh { destination: "boot/main.wasm".into(), contents: Contents::Copy(artifact) },
            Fresh { destination: "bin/y.wasm".into(), contents: Contents::Copy(missing) },
        ];
        assert!(install(image.path(), &compiled).is_err());
        assert_eq!(fs::read(image.path().join("boot/main.wasm"))?, b"old");
        let left: Vec<_> = fs::read_dir(image.path().join("boot"))?.collect();
        assert_eq!(left.len(), 1, "{left:?}");
        Ok(())
    }
}
