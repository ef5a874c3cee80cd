//! The node's data directory: identity, caches, state.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use directories::ProjectDirs;

use super::error::Error;

/// Where a node keeps what outlives it.
pub(super) struct Data(PathBuf);

impl Data {
    /// The directory that was asked for, else the user's. Made when something is first written to it.
    pub(super) fn locate(asked: Option<&Path>) -> Result<Self, Error> {
        match asked {
            Some(path) => Ok(Self(path.to_owned())),
            None => ProjectDirs::from("", "", "ww").map(|dirs| Self(dirs.data_dir().to_owned())).ok_or(Error::NoData),
        }
    }

    /// The node's key.
    pub(super) fn identity(&self) -> PathBuf {
        self.0.join("identity")
    }

    /// Compiled code.
    pub(super) fn code_cache(&self) -> PathBuf {
        self.0.join("cache/code")
    }

    /// Makes the directory, private to the user.
    pub(super) fn create(&self) -> Result<(), Error> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.0).map_err(|cause| Error::Data { path: self.0.clone(), cause })
    }
}

/// The `/var` of an image's own guest: one node at a time writes to it.
///
/// What is locked is the image's directory, which is there already: running an image changes nothing in it.
pub(super) struct State {
    place: Result<PathBuf, String>,
    _lock: Option<File>,
}

impl State {
    /// The state of the image at `root`. Where another node has it, the guest gets a `/var` of its own that is gone with
    /// it, and [`notice`](Self::notice) says so.
    pub(super) fn of(root: &Path) -> Self {
        let var = root.join("var");
        let why = match File::open(root).map(|folder| folder.try_lock().map(|()| folder)) {
            Ok(Ok(lock)) => return Self { place: Ok(var), _lock: Some(lock) },
            Ok(Err(TryLockError::WouldBlock)) => "is in use by another node".to_owned(),
            Ok(Err(TryLockError::Error(error))) | Err(error) => format!("cannot be locked: {error}"),
        };
        let notice = format!("{} {why}; /var of this guest starts empty and is lost at its end", var.display());
        Self { place: Err(notice), _lock: None }
    }

    /// Where it is; nowhere where it is private.
    pub(super) fn path(&self) -> Option<PathBuf> {
        self.place.as_ref().ok().cloned()
    }

    /// What the user has to know of it, on one line.
    pub(super) fn notice(&self) -> Option<&str> {
        self.place.as_ref().err().map(String::as_str)
    }
}
