//! A tree that is a directory of this machine.

use super::beneath::{self, How, Outcome};
use super::error::FsResult;
use super::offload::{self, Elsewhere};
use super::path::TreePath;
use super::tree::{Entries, Entry, Kind, Opened, ReadAt, Tree, Walk};
use async_trait::async_trait;
use cap_std::fs::Dir;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// A local directory, read where it lies. Nothing outside of it can be reached through it.
pub struct LocalTree {
    root: Arc<Dir>,
}

impl LocalTree {
    /// Opens the directory at `path`. Blocks; meant for the start.
    pub fn open(path: &Path) -> io::Result<Self> {
        let root = Dir::open_ambient_dir(path, cap_std::ambient_authority())?;
        Ok(Self { root: Arc::new(root) })
    }

    /// A tree of a directory that is open already.
    pub(super) fn from_dir(root: Arc<Dir>) -> Self {
        Self { root }
    }

    /// Walks along `path` and acts on its last name, all in one hop.
    async fn at<T: Send + 'static>(
        &self,
        path: &TreePath,
        act: impl FnOnce(&Dir, Option<&str>) -> FsResult<Outcome<T>> + Send + 'static,
    ) -> FsResult<Walk<T>> {
        let (root, path) = (self.root.clone(), path.clone());
        offload::run(move || beneath::at(&root, &path, act)).await
    }
}

#[async_trait]
impl Tree for LocalTree {
    async fn lookup(&self, path: &TreePath) -> FsResult<Walk<Entry>> {
        self.at(path, |parent, name| {
            let entry = match name {
                Some(name) => beneath::lookup(parent, name)?,
                None => beneath::describe_dir(parent)?,
            };
            Ok(Outcome::Found(entry))
        })
        .await
    }

    async fn open(&self, path: &TreePath) -> FsResult<Walk<Opened>> {
        self.at(path, |parent, name| {
            let Some(name) = name else {
                return Ok(Outcome::Found(Opened::Directory(beneath::describe_dir(parent)?)));
            };
            // Looked at first: to open a device can have an effect of its own.
            let entry = beneath::lookup(parent, name)?;
            Ok(match entry.kind {
                Kind::Link { target } => Outcome::Link(target),
                Kind::Directory => Outcome::Found(Opened::Directory(entry)),
                Kind::File { .. } => {
                    let (entry, file) = beneath::open_file(parent, name, How::default())?;
                    Outcome::Found(Opened::File(entry, Arc::new(LocalFile(Elsewhere::new(file)))))
                }
            })
        })
        .await
    }

    async fn list(&self, path: &TreePath) -> FsResult<Walk<Box<dyn Entries>>> {
        let (root, path) = (self.root.clone(), path.clone());
        offload::run(move || match beneath::descend(&root, &path)? {
            Walk::Done(place) => Ok(Walk::Done(Box::new(beneath::list(&place)?) as Box<dyn Entries>)),
            Walk::Link { depth, target } => Ok(Walk::Link { depth, target }),
        })
        .await
    }
}

/// An open file of a local directory.
struct LocalFile(Elsewhere<File>);

impl ReadAt for LocalFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        beneath::read_at(self.0.get()?, buffer, offset)
    }
}
