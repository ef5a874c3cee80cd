//! Opening a file or a directory of an area.

use super::super::beneath::{self, How, Outcome};
use super::super::error::{FsError, FsResult};
use super::super::offload;
use super::super::path::TreePath;
use super::super::tree::{Entry, Kind, Walk};
use super::file::AreaFile;
use super::ledger::Ledger;
use super::{Area, Base};
use crate::fs::namespace::OpenHow;
use cap_std::fs::Dir;
use std::sync::Arc;

/// What was opened in an area.
pub(crate) enum AreaOpened {
    File(Entry, Arc<AreaFile>),
    Directory(Entry),
}

impl Area {
    /// Opens what is at `path`, or makes a file there.
    pub(crate) async fn open(&self, path: &TreePath, how: OpenHow) -> FsResult<Walk<AreaOpened>> {
        let root = match self.root().await? {
            Some(root) => root,
            // An area that is not there yet has nothing to open, and only its root to make something in.
            None if how.create && path.depth() == 1 => self.create().await?,
            None => return Err(FsError::NotFound),
        };
        let job = Job { root: root.base.clone(), ledger: self.ledger.clone(), how };
        let path = path.clone();
        offload::run(move || beneath::at(&job.root, &path, |parent, name| job.run(parent, name))).await
    }
}

struct Job {
    root: Base,
    ledger: Arc<Ledger>,
    how: OpenHow,
}

impl Job {
    fn run(&self, parent: &Dir, name: Option<&str>) -> FsResult<Outcome<AreaOpened>> {
        let Some(name) = name else {
            let entry = beneath::describe_dir(parent)?;
            self.how.allows(&entry.kind)?;
            return Ok(Outcome::Found(AreaOpened::Directory(entry)));
        };
        let entry = match beneath::lookup(parent, name) {
            Err(FsError::NotFound) if self.how.create => return self.make(parent, name),
            other => other?,
        };
        self.how.allows(&entry.kind)?;
        Ok(match entry.kind {
            Kind::Link { target } => Outcome::Link(target),
            Kind::Directory => Outcome::Found(AreaOpened::Directory(entry)),
            Kind::File { .. } => Outcome::Found(self.open(parent, name)?),
        })
    }

    fn open(&self, parent: &Dir, name: &str) -> FsResult<AreaOpened> {
        let write = self.how.write || self.how.truncate;
        let mut books = if write { self.ledger.lock_counted(&self.root)? } else { self.ledger.lock() };
        let (entry, file) = beneath::open_file(parent, name, How { write, create_new: false })?;
        books.opened(entry.id);
        drop(books);
        let file = AreaFile::new(file, entry.id, self.ledger.clone());
        if !self.how.truncate {
            return Ok(AreaOpened::File(entry, Arc::new(file)));
        }
        file.set_len(0)?;
        Ok(AreaOpened::File(file.describe()?, Arc::new(file)))
    }

    fn make(&self, parent: &Dir, name: &str) -> FsResult<Outcome<AreaOpened>> {
        if self.how.directory {
            return Err(FsError::NotFound);
        }
        let mut books = self.ledger.lock_counted(&self.root)?;
        books.entries.take(1)?;
        match beneath::open_file(parent, name, How { write: true, create_new: true }) {
            Ok((entry, file)) => {
                books.opened(entry.id);
                drop(books);
                let file = AreaFile::new(file, entry.id, self.ledger.clone());
                Ok(Outcome::Found(AreaOpened::File(entry, Arc::new(file))))
            }
            Err(error) => {
                books.entries.give_back(1);
                Err(error)
            }
        }
    }
}
