//! Operations on a path that a guest gave, relative to a directory that it has open: resolve, act, follow the link that
//! was met, act again.

use super::area::Change;
use super::error::{FsError, FsResult};
use super::namespace::{Listing, Namespace, Open, OpenHow};
use super::path::TreePath;
use super::resolve::Way;
use super::tree::{Entry, Kind, Walk};

impl Namespace {
    /// What is at a path; with `follow`, what a link at its end leads to.
    pub(crate) async fn lookup_at(&self, base: &TreePath, path: &str, follow: bool) -> FsResult<Entry> {
        Ok(self.settle(base, path, follow).await?.1)
    }

    /// Where a path leads, and what is there.
    async fn settle(&self, base: &TreePath, path: &str, follow: bool) -> FsResult<(TreePath, Entry)> {
        let mut way = Way::new(base, path)?;
        loop {
            let path = way.next(self).await?.clone();
            match self.lookup(&path).await? {
                Walk::Link { depth, target } => way.follow(depth, &target)?,
                Walk::Done(Entry { kind: Kind::Link { target }, .. }) if follow || way.wants_directory() => {
                    way.follow(path.depth(), &target)?;
                }
                Walk::Done(entry) if way.wants_directory() && entry.kind != Kind::Directory => {
                    return Err(FsError::NotDirectory);
                }
                Walk::Done(entry) => return Ok((path, entry)),
            }
        }
    }

    /// Where a path would lead of which only the last name may be missing. A link at its end is not followed.
    async fn settle_parent(&self, base: &TreePath, path: &str) -> FsResult<(TreePath, Option<Entry>)> {
        let mut way = Way::new(base, path)?;
        loop {
            let path = way.next(self).await?.clone();
            match self.lookup(&path).await {
                Ok(Walk::Link { depth, target }) => way.follow(depth, &target)?,
                Ok(Walk::Done(entry)) if way.wants_directory() && entry.kind != Kind::Directory => {
                    return Err(FsError::NotDirectory);
                }
                Ok(Walk::Done(entry)) => return Ok((path, Some(entry))),
                Err(FsError::NotFound) => return Ok((path, None)),
                Err(error) => return Err(error),
            }
        }
    }

    /// Opens what is at a path, and says where that is.
    pub(crate) async fn open_at(&self, base: &TreePath, path: &str, how: OpenHow) -> FsResult<(TreePath, Open)> {
        let mut way = Way::new(base, path)?;
        loop {
            let path = way.next(self).await?.clone();
            let directory = how.directory || way.wants_directory();
            let follow = how.follow || way.wants_directory();
            match self.open(&path, OpenHow { directory, follow, ..how }).await? {
                Walk::Link { depth, target } => way.follow(depth, &target)?,
                Walk::Done(open) => return Ok((path, open)),
            }
        }
    }

    /// The names in an open directory.
    pub(crate) async fn list_at(&self, directory: &TreePath) -> FsResult<Listing> {
        match self.list(directory).await? {
            Walk::Done(listing) => Ok(listing),
            // A link has taken the place of the directory that was opened.
            Walk::Link { .. } => Err(FsError::NotDirectory),
        }
    }

    /// Makes a change at a path.
    pub(crate) async fn change_at(&self, base: &TreePath, path: &str, change: Change) -> FsResult<()> {
        let mut way = Way::new(base, path)?;
        loop {
            let path = way.next(self).await?.clone();
            if way.wants_directory() && matches!(change, Change::Unlink | Change::MakeLink(_)) {
                return Err(self.no_directory(&path).await);
            }
            match self.change(&path, change.clone()).await? {
                Walk::Link { depth, target } => way.follow(depth, &target)?,
                Walk::Done(()) => return Ok(()),
            }
        }
    }

    /// Why something that is no directory cannot be at a path that ends in a slash.
    async fn no_directory(&self, path: &TreePath) -> FsError {
        match self.lookup(path).await {
            Ok(Walk::Done(Entry { kind: Kind::Directory, .. })) => FsError::IsDirectory,
            Ok(_) => FsError::NotDirectory,
            Err(error) => error,
        }
    }

    /// Renames what is at a path.
    pub(crate) async fn rename_at(&self, base: &TreePath, path: &str, to: &TreePath, to_path: &str) -> FsResult<()> {
        let (from, moved) = self.settle_parent(base, path).await?;
        let moved = moved.ok_or(FsError::NotFound)?;
        let (to, _) = match moved.kind {
            Kind::Directory => self.settle_parent(to, to_path.trim_end_matches('/')).await?,
            _ => self.settle_parent(to, to_path).await?,
        };
        self.rename(&from, &to).await
    }

    /// Gives what is at a path a second name.
    pub(crate) async fn link_at(
        &self,
        base: &TreePath,
        path: &str,
        follow: bool,
        to: &TreePath,
        to_path: &str,
    ) -> FsResult<()> {
        let (from, _) = self.settle(base, path, follow).await?;
        match self.settle_parent(to, to_path).await? {
            (_, Some(_)) => Err(FsError::Exists),
            (to, None) => self.link(&from, &to).await,
        }
    }
}
