//! The node's data directory: identity, caches, state.

use std::fs::File;
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
    path: Option<PathBuf>,
    _lock: Option<File>,
}

impl State {
    /// The state of the image at `root`. Where another node has it, the guest gets a `/var` of its own that is gone with
    /// it, and a line says so.
    pub(super) fn of(root: &Path) -> Self {
        let lock = File::open(root).and_then(|folder| folder.try_lock().map(|()| folder).map_err(Into::into));
        match lock {
            Ok(lock) => Self { path: Some(root.join("var")), _lock: Some(lock) },
            Err(error) => {
                let root = root.display();
                tracing::warn!(target: "ww::run", "{root}/var is not used, /var is empty and will be lost: {error}");
                Self { path: None, _lock: None }
            }
        }
    }

    /// Where it is; nowhere where it is private.
    pub(super) fn path(&self) -> Option<PathBuf> {
        self.path.clone()
    }
}
