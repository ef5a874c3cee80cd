//! Puts what was compiled into the image.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::Error;
use super::compile::Compiled;

/// A file of the image that was written.
pub(super) struct Installed {
    /// Where it is, relative to the image.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
}

/// Copies all binaries beside their places, then puts them there one by one. A node that reads the image meanwhile sees
/// the old file or the new one, never a part.
pub(super) fn install(image: &Path, compiled: &[Compiled]) -> Result<Vec<Installed>, Error> {
    let mut staged = Vec::new();
    for binary in compiled {
        let place = image.join(&binary.destination);
        let copy = stage(&binary.artifact, &place).map_err(|source| Error::Write { path: place.clone(), source })?;
        staged.push((copy, place, &binary.destination));
    }
    let install = |((copy, bytes), place, path): ((NamedTempFile, u64), PathBuf, &PathBuf)| {
        copy.persist(&place).map_err(|error| Error::Write { path: place, source: error.error })?;
        Ok(Installed { path: path.clone(), bytes })
    };
    staged.into_iter().map(install).collect()
}

/// Copies the artifact to a new file in the directory of `place`; gives its size too.
fn stage(artifact: &Path, place: &Path) -> io::Result<(NamedTempFile, u64)> {
    let directory = place.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(directory)?;
    let mut builder = tempfile::Builder::new();
    // As for any new file: readable as far as the user's mask lets it be, not private as temporary files are.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut copy = builder.prefix(".ww-build-").tempfile_in(directory)?;
    let bytes = io::copy(&mut File::open(artifact)?, &mut copy)?;
    Ok((copy, bytes))
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
        let compiled = |to: &str| Compiled { artifact: artifact.clone(), destination: to.into() };
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
            Compiled { artifact, destination: "boot/main.wasm".into() },
            Compiled { artifact: missing, destination: "bin/y.wasm".into() },
        ];
        assert!(install(image.path(), &compiled).is_err());
        assert_eq!(fs::read(image.path().join("boot/main.wasm"))?, b"old");
        let left: Vec<_> = fs::read_dir(image.path().join("boot"))?.collect();
        assert_eq!(left.len(), 1, "{left:?}");
        Ok(())
    }
}
