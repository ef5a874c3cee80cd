//! A directory that a guest may write to: `/tmp`, which is gone with the cell, and `/var`, which is kept.

mod change;
mod file;
mod ledger;
mod open;
mod private;

pub(super) use change::{Change, Follow, TimeChange};
pub(super) use file::{AreaFile, Position};
pub(super) use open::AreaOpened;
pub use private::{private_directories, private_directories_removed, remove_left_over};

use super::beneath;
use super::budget::Budget;
use super::error::{FsError, FsResult};
use super::local::LocalTree;
use super::offload::{self, Elsewhere};
use cap_std::fs::Dir;
use ledger::Ledger;
use private::Private;
use std::io;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// A writable directory of one cell. It is made on the host's disk when something is first written to it; until then it
/// is an empty directory.
pub(super) struct Area {
    home: Home,
    root: OnceLock<Root>,
    ledger: Arc<Ledger>,
}

/// Where a writable directory of a guest's lies on the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Home {
    /// In a fresh directory below this one. It is removed after the cell's end, in the background; after a crash it is left
    /// there, as `ww-tmp-*`, until [`remove_left_over`].
    Private(PathBuf),
    /// In this directory, which stays. It is made when something is first written there; its last name must not be a
    /// symbolic link.
    Kept(PathBuf),
    /// Nowhere: it is empty, and cannot be written to.
    Nowhere,
}

/// An area that is on the disk.
pub(super) struct Root {
    base: Base,
    /// For what only reads.
    pub(super) tree: LocalTree,
}

/// The directory of an area, as whoever changes something in it has it. A private one goes with the last of them: while
/// it is being removed, a job that goes on after its cell's end would make names in it.
#[derive(Clone)]
struct Base {
    _private: Option<Arc<Elsewhere<Private>>>,
    dir: Arc<Dir>,
}

impl Deref for Base {
    type Target = Dir;

    fn deref(&self) -> &Dir {
        &self.dir
    }
}

impl Area {
    pub(super) fn new(home: Home, bytes: Arc<Budget>, entries: Arc<Budget>) -> Self {
        Self { home, root: OnceLock::new(), ledger: Ledger::new(bytes, entries) }
    }

    /// The area, if it is on the disk. A kept one may be there from before.
    pub(super) async fn root(&self) -> FsResult<Option<&Root>> {
        if let Some(root) = self.root.get() {
            return Ok(Some(root));
        }
        let Home::Kept(path) = self.home.clone() else { return Ok(None) };
        let found = offload::run(move || match beneath::open_ambient(&path) {
            Ok(dir) => Ok(Some(Root::new(Arc::new(dir), None))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unusable(&path, &error)),
        });
        Ok(found.await?.map(|root| self.root.get_or_init(|| root)))
    }

    /// The area, on the disk from now on.
    pub(super) async fn create(&self) -> FsResult<&Root> {
        if let Some(root) = self.root().await? {
            return Ok(root);
        }
        let home = self.home.clone();
        let root = offload::run(move || match &home {
            Home::Private(base) => match private::make(base) {
                Ok((dir, private)) => Ok(Root::new(Arc::new(dir), Some(private))),
                Err(error) => Err(unusable(base, &error)),
            },
            Home::Kept(path) => make_kept(path).map_err(|error| unusable(path, &error)),
            Home::Nowhere => Err(FsError::ReadOnly),
        });
        let root = root.await?;
        Ok(self.root.get_or_init(|| root))
    }
}

impl Root {
    fn new(dir: Arc<Dir>, private: Option<Elsewhere<Private>>) -> Self {
        let tree = LocalTree::from_dir(dir.clone());
        Self { base: Base { _private: private.map(Arc::new), dir }, tree }
    }
}

fn make_kept(path: &Path) -> io::Result<Root> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    match std::fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    Ok(Root::new(Arc::new(beneath::open_ambient(path)?), None))
}

/// Tells the operator; the guest learns only that it failed.
fn unusable(path: &Path, error: &io::Error) -> FsError {
    tracing::warn!(target: "ww::cell::fs", path = %path.display(), %error, "a cell's writable directory cannot be used");
    FsError::Io(format!("{}: {error}", path.display()))
}
