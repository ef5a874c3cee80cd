//! A directory that a guest may write to: `/tmp`, which is gone with the cell, and `/var`, which is kept.

mod change;
mod file;
mod ledger;
mod open;

pub(super) use change::{Change, Follow, TimeChange};
pub(super) use file::{AreaFile, Position};
pub(super) use open::AreaOpened;

use super::beneath;
use super::budget::Budget;
use super::error::{FsError, FsResult};
use super::local::LocalTree;
use super::offload::{self, Elsewhere};
use cap_std::fs::Dir;
use ledger::Ledger;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use tempfile::TempDir;

/// A writable directory of one cell. It is made on the host's disk when something is first written to it; until then it
/// is an empty directory.
pub(super) struct Area {
    home: Home,
    root: OnceLock<Root>,
    ledger: Arc<Ledger>,
}

/// Where an area lies on the host.
#[derive(Clone, Debug)]
pub(super) enum Home {
    /// In a fresh directory below this one, removed with the cell.
    Private(PathBuf),
    /// In this directory, which stays.
    Kept(PathBuf),
}

/// An area that is on the disk.
pub(super) struct Root {
    dir: Arc<Dir>,
    /// For what only reads.
    pub(super) tree: LocalTree,
    /// Removes a private directory when the cell goes.
    _private: Option<Elsewhere<Removed>>,
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
            Ok(dir) => Ok(Some(Root::new(dir, None))),
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
            Home::Private(base) => make_private(base).map_err(|error| unusable(base, &error)),
            Home::Kept(path) => make_kept(path).map_err(|error| unusable(path, &error)),
        });
        let root = root.await?;
        Ok(self.root.get_or_init(|| root))
    }
}

impl Root {
    fn new(dir: Dir, private: Option<TempDir>) -> Self {
        let dir = Arc::new(dir);
        let private = private.map(|directory| Elsewhere::new(Removed(Some(directory))));
        Self { tree: LocalTree::from_dir(dir.clone()), dir, _private: private }
    }
}

fn make_private(base: &Path) -> io::Result<Root> {
    std::fs::create_dir_all(base)?;
    let directory = tempfile::Builder::new().prefix("ww-tmp-").tempdir_in(base)?;
    Ok(Root::new(beneath::open_ambient(directory.path())?, Some(directory)))
}

fn make_kept(path: &Path) -> io::Result<Root> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    match std::fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    Ok(Root::new(beneath::open_ambient(path)?, None))
}

/// Tells the operator; the guest learns only that it failed.
fn unusable(path: &Path, error: &io::Error) -> FsError {
    tracing::warn!(target: "ww::cell::fs", path = %path.display(), %error, "a cell's writable directory cannot be used");
    FsError::Io(format!("{}: {error}", path.display()))
}

/// A private directory, which must go when its cell does.
struct Removed(Option<TempDir>);

impl Drop for Removed {
    fn drop(&mut self) {
        let Some(directory) = self.0.take() else { return };
        let path = directory.path().to_owned();
        if let Err(error) = directory.close() {
            tracing::warn!(target: "ww::cell::fs", path = %path.display(), %error, "a cell's /tmp could not be removed");
        }
    }
}
