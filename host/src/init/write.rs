//! Writes the files of a project: all of them, or none.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{Error, File, SDK_DIR};

/// Writes the files under `directory`, which need not exist. Fails, and leaves the disk as it was, where one of them
/// exists or cannot be written.
pub(super) fn all(directory: &Path, files: &[File]) -> Result<(), Error> {
    let in_the_way = in_the_way(directory, files);
    if !in_the_way.is_empty() {
        return Err(Error::InTheWay { directory: directory.to_owned(), files: in_the_way });
    }
    let mut written = Written::default();
    written.directory(directory)?;
    for file in files {
        written.file(&directory.join(&file.path), &file.bytes)?;
    }
    written.keep();
    Ok(())
}

/// What exists already of the files, and what exists in place of a directory of theirs. The SDK counts as one.
fn in_the_way(directory: &Path, files: &[File]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for file in files {
        let path = if file.path.starts_with(SDK_DIR) { SDK_DIR } else { &file.path };
        let above = path.match_indices('/').map(|(end, _)| &path[..end]);
        // Links count as something else than a directory: what they lead to is not the project's.
        let blocked = above.into_iter().find(|above| kind(&directory.join(above)).is_some_and(|kind| !kind.is_dir()));
        let blocked = blocked.or_else(|| kind(&directory.join(path)).map(|_| path));
        found.extend(blocked.map(str::to_owned));
    }
    found.dedup();
    found
}

fn kind(path: &Path) -> Option<fs::FileType> {
    fs::symlink_metadata(path).ok().map(|metadata| metadata.file_type())
}

/// What was created so far; removed again when dropped, unless it is kept.
#[derive(Default)]
struct Written {
    paths: Vec<PathBuf>,
}

impl Written {
    /// Creates the directory and all above it that do not exist.
    fn directory(&mut self, path: &Path) -> Result<(), Error> {
        if path.as_os_str().is_empty() || path.is_dir() {
            return Ok(());
        }
        if let Some(parent) = path.parent() {
            self.directory(parent)?;
        }
        match fs::create_dir(path) {
            Ok(()) => self.paths.push(path.to_owned()),
            // Somebody else's, made just now; or `a/..`, where `a` is ours.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(Error::NoDirectory(path.to_owned()));
            }
            Err(source) => return Err(Error::Write { path: path.to_owned(), source }),
        }
        Ok(())
    }

    /// Creates the file, with the directories above it.
    fn file(&mut self, path: &Path, bytes: &[u8]) -> Result<(), Error> {
        if let Some(parent) = path.parent() {
            self.directory(parent)?;
        }
        let failed = |source| Error::Write { path: path.to_owned(), source };
        let mut file = fs::File::create_new(path).map_err(failed)?;
        self.paths.push(path.to_owned());
        file.write_all(bytes).map_err(failed)
    }

    fn keep(mut self) {
        self.paths.clear();
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        for path in self.paths.iter().rev() {
            // A directory that somebody put something into meanwhile stays.
            let _ =
                if kind(path).is_some_and(|kind| kind.is_dir()) { fs::remove_dir(path) } else { fs::remove_file(path) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

    fn file(path: &str) -> File {
        File { path: path.to_owned(), bytes: b"text".to_vec() }
    }

    #[test]
    fn files_are_written_with_their_directories() -> Result {
        let place = tempfile::tempdir()?;
        let project = place.path().join("deep/down");
        all(&project, &[file("a"), file("b/c/d")])?;
        assert_eq!(fs::read(project.join("b/c/d"))?, b"text");
        Ok(())
    }

    #[test]
    fn nothing_is_left_behind() -> Result {
        let place = tempfile::tempdir()?;
        // The second `a` cannot be created, since the first one exists by then.
        let result = all(&place.path().join("deep/down"), &[file("b/c"), file("a"), file("a")]);
        assert!(matches!(result, Err(Error::Write { .. })), "{result:?}");
        assert_eq!(fs::read_dir(place.path())?.count(), 0);
        Ok(())
    }

    #[test]
    fn what_exists_is_named_and_stays() -> Result {
        let place = tempfile::tempdir()?;
        fs::write(place.path().join("a"), "mine")?;
        fs::write(place.path().join("b"), "mine")?;
        fs::create_dir_all(place.path().join(SDK_DIR))?;
        let files = [file("a"), file("b/c"), file("b/d"), file(".ww/sdk/x"), file(".ww/sdk/y"), file("fine")];
        match all(place.path(), &files) {
            Err(Error::InTheWay { files, .. }) => assert_eq!(files, ["a", "b", SDK_DIR]),
            other => panic!("{other:?}"),
        }
        assert_eq!(fs::read(place.path().join("a"))?, b"mine");
        assert!(!place.path().join("fine").exists());
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() -> Result {
        let (place, elsewhere) = (tempfile::tempdir()?, tempfile::tempdir()?);
        std::os::unix::fs::symlink(elsewhere.path(), place.path().join("src"))?;
        std::os::unix::fs::symlink("nowhere", place.path().join("a"))?;
        match all(place.path(), &[file("a"), file("src/main.rs")]) {
            Err(Error::InTheWay { files, .. }) => assert_eq!(files, ["a", "src"]),
            other => panic!("{other:?}"),
        }
        Ok(())
    }
}
