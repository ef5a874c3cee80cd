//! The data directory of a node: identity, caches, state, and the socket of its operator.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;

/// Where a node keeps what outlives it.
pub(crate) struct Data(PathBuf);

impl Data {
    /// The directory that was asked for, else the user's; none where the user has no home. Made when something is first
    /// written to it.
    pub(crate) fn locate(asked: Option<&Path>) -> Option<Self> {
        match asked {
            Some(path) => Some(Self(path.to_owned())),
            None => ProjectDirs::from("", "", "ww").map(|dirs| Self(dirs.data_dir().to_owned())),
        }
    }

    /// The directory itself.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The node's key.
    pub(crate) fn identity(&self) -> PathBuf {
        self.0.join("identity")
    }

    /// Compiled code.
    pub(crate) fn code_cache(&self) -> PathBuf {
        self.0.join("cache/code")
    }

    /// What the guest of this name keeps, where that is not in its image.
    pub(crate) fn state(&self, name: &str) -> PathBuf {
        self.0.join("state").join(name)
    }

    /// The file that whoever uses [`Self::state`] holds locked. It is not beside it: any name can be a guest's.
    pub(crate) fn state_lock(&self, name: &str) -> PathBuf {
        self.0.join("locks").join(name)
    }

    /// The folder in which providers keep what they may keep, by their names.
    pub(crate) fn providers(&self) -> PathBuf {
        self.0.join("providers")
    }

    /// Makes the directory, private to the user.
    ///
    /// # Errors
    /// What the operating system says.
    pub(crate) fn create(&self) -> io::Result<()> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.0)
    }
}

/// Opens a file to lock it. It stays there: another node may have it open and be about to lock it.
pub(crate) fn lock_file(path: &Path) -> io::Result<File> {
    path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
    File::options().write(true).create(true).truncate(false).open(path)
}
