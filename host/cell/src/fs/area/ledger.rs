//! What an area has taken of the cell's disk limits.
//!
//! Bytes are the lengths of files and of the targets of links, holes included; entries are names. A file that is removed
//! while it is open keeps its bytes until the last handle is closed. Everything that changes an area holds the ledger's
//! lock while it does, so that what is counted is what is there; all of it runs on the blocking pool.

use super::super::beneath;
use super::super::budget::{Budget, Share};
use super::super::error::FsResult;
use super::super::limits::MAX_DEPTH;
use super::super::tree::{Entry, Kind, ObjectId};
use cap_fs_ext::DirExt;
use cap_std::fs::Dir;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(super) struct Ledger {
    books: Mutex<Books>,
}

pub(super) struct Books {
    pub(super) bytes: Share,
    pub(super) entries: Share,
    open: HashMap<ObjectId, Handles>,
    /// Whether what was there before this cell has been counted.
    counted: bool,
}

#[derive(Default)]
struct Handles {
    count: usize,
    removed: bool,
}

impl Ledger {
    pub(super) fn new(bytes: Arc<Budget>, entries: Arc<Budget>) -> Arc<Self> {
        let books =
            Books { bytes: Share::new(bytes), entries: Share::new(entries), open: HashMap::new(), counted: false };
        Arc::new(Self { books: Mutex::new(books) })
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Books> {
        // The numbers are right after each step, so a panic in between leaves nothing half done.
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Locks the books for something that may grow, with all counted that was there before.
    pub(super) fn lock_counted(&self, root: &Dir) -> FsResult<MutexGuard<'_, Books>> {
        let mut books = self.lock();
        if !books.counted {
            books.count(root)?;
            books.counted = true;
        }
        Ok(books)
    }
}

impl Books {
    /// A file has one handle more.
    pub(super) fn opened(&mut self, id: ObjectId) {
        self.open.entry(id).or_default().count += 1;
    }

    /// A file of `size` bytes has one handle less.
    pub(super) fn closed(&mut self, id: ObjectId, size: u64) {
        let Some(handles) = self.open.get_mut(&id) else { return };
        handles.count -= 1;
        if handles.count == 0 && self.open.remove(&id).is_some_and(|handles| handles.removed) {
            self.bytes.give_back(size);
        }
    }

    /// A name is gone that stood for `entry`.
    pub(super) fn removed(&mut self, entry: &Entry) {
        self.entries.give_back(1);
        match &entry.kind {
            Kind::Directory => {}
            Kind::Link { target } => self.bytes.give_back(target.len() as u64),
            Kind::File { .. } if entry.links > 1 => {}
            Kind::File { .. } => match self.open.get_mut(&entry.id) {
                Some(handles) => handles.removed = true,
                None => self.bytes.give_back(entry.size),
            },
        }
    }

    /// Counts what is in the area. Levels below what a guest can name are left out; so is a directory that vanishes.
    fn count(&mut self, root: &Dir) -> FsResult<()> {
        let mut linked = HashSet::new();
        let mut levels = vec![(root.entries()?, None::<Dir>)];
        loop {
            let depth = levels.len();
            let Some((entries, dir)) = levels.last_mut() else { return Ok(()) };
            let Some(entry) = entries.next() else {
                levels.pop();
                continue;
            };
            let Ok((metadata, name)) = entry.and_then(|entry| Ok((entry.metadata()?, entry.file_name()))) else {
                continue;
            };
            self.entries.force(1);
            let Ok(entry) = beneath::describe(&metadata) else { continue };
            match entry.kind {
                Kind::Directory if depth < MAX_DEPTH => {
                    let parent = dir.as_ref().unwrap_or(root);
                    if let Ok(below) = parent.open_dir_nofollow(&name)
                        && let Ok(entries) = below.entries()
                    {
                        levels.push((entries, Some(below)));
                    }
                }
                Kind::Directory => {}
                _ if entry.links > 1 && !linked.insert(entry.id) => {}
                _ => self.bytes.force(entry.size),
            }
        }
    }
}
