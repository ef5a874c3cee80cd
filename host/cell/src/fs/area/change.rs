//! Changes to the names of an area.

use super::super::beneath::{self, Outcome};
use super::super::error::{FsError, FsResult};
use super::super::limits::MAX_DEPTH;
use super::super::offload;
use super::super::path::TreePath;
use super::super::tree::{Entry, Kind, Walk};
use super::Area;
use super::ledger::Ledger;
use cap_fs_ext::{DirExt, SystemTimeSpec};
use cap_std::fs::Dir;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

/// A change to one name.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// Make a directory.
    MakeDir,
    /// Make a symbolic link that says this.
    MakeLink(String),
    /// Remove a file or a link.
    Unlink,
    /// Remove an empty directory.
    RemoveDir,
    /// Set the times; `follow` a link at the end of the path.
    SetTimes(TimeChange, Follow),
}

/// Whether a link at the end of a path is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Follow {
    Yes,
    No,
}

/// New times, where there are new ones.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TimeChange {
    pub(crate) accessed: Option<SystemTime>,
    pub(crate) modified: Option<SystemTime>,
}

impl Change {
    /// Whether it makes a name.
    pub(crate) fn makes(&self) -> bool {
        matches!(self, Change::MakeDir | Change::MakeLink(_))
    }

    /// Whether it can be made to the root of an area, which is there for as long as the cell is.
    fn allowed_at_root(&self) -> FsResult<()> {
        match self {
            Change::SetTimes(..) => Ok(()),
            Change::MakeDir | Change::MakeLink(_) => Err(FsError::Exists),
            Change::Unlink => Err(FsError::IsDirectory),
            Change::RemoveDir => Err(FsError::Busy),
        }
    }

    /// Whether it goes through a link at the end of the path.
    pub(crate) fn follows(&self) -> bool {
        matches!(self, Change::SetTimes(_, Follow::Yes))
    }
}

impl Area {
    /// Makes a change at `path`. The area's own root stays what it is.
    pub(crate) async fn change(&self, path: &TreePath, change: Change) -> FsResult<Walk<()>> {
        if path.is_root() {
            change.allowed_at_root()?;
        }
        let root = match self.root().await? {
            Some(root) => root,
            None if change.makes() && path.depth() == 1 => self.create().await?,
            None if path.is_root() => return Ok(Walk::Done(())),
            None => return Err(FsError::NotFound),
        };
        let (root, ledger, path) = (root.base.clone(), self.ledger.clone(), path.clone());
        offload::run(move || {
            beneath::at(&root, &path, |parent, name| match name {
                Some(name) => apply(&root, &ledger, parent, name, &change),
                None => set_root_times(parent, &change),
            })
        })
        .await
    }

    /// Renames within the area. No link may be on the way; the last name is taken as it is.
    pub(crate) async fn rename(&self, from: &TreePath, to: &TreePath) -> FsResult<()> {
        let root = self.root().await?.ok_or(FsError::NotFound)?.base.clone();
        let (ledger, from, to) = (self.ledger.clone(), from.clone(), to.clone());
        offload::run(move || {
            between(&root, &from, &to, |old, old_name, new, new_name| {
                let mut books = ledger.lock();
                let moved = beneath::lookup(old, old_name)?;
                let replaced = existing(new, new_name)?;
                let deeper = to.depth().saturating_sub(from.depth());
                if moved.kind == Kind::Directory && deeper > 0 {
                    fits(old, old_name, MAX_DEPTH.saturating_sub(to.depth() + 1))?;
                }
                old.rename(old_name, new, new_name)?;
                // Two names of one file: hosts leave both.
                if let Some(replaced) = replaced.filter(|replaced| replaced.id != moved.id) {
                    books.removed(&replaced);
                }
                Ok(())
            })
        })
        .await
    }

    /// Gives a file a second name within the area. No link may be on the way.
    pub(crate) async fn link(&self, from: &TreePath, to: &TreePath) -> FsResult<()> {
        let root = self.root().await?.ok_or(FsError::NotFound)?.base.clone();
        let (ledger, from, to) = (self.ledger.clone(), from.clone(), to.clone());
        offload::run(move || {
            between(&root, &from, &to, |old, old_name, new, new_name| {
                if !matches!(beneath::lookup(old, old_name)?.kind, Kind::File { .. }) {
                    return Err(FsError::NotPermitted);
                }
                let mut books = ledger.lock_counted(&root)?;
                books.entries.take(1)?;
                old.hard_link(old_name, new, new_name).map_err(|error| {
                    books.entries.give_back(1);
                    error.into()
                })
            })
        })
        .await
    }
}

fn existing(parent: &Dir, name: &str) -> FsResult<Option<Entry>> {
    match beneath::lookup(parent, name) {
        Ok(entry) => Ok(Some(entry)),
        Err(FsError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Walks to the directories of two paths.
fn between<T>(
    root: &Dir,
    from: &TreePath,
    to: &TreePath,
    act: impl FnOnce(&Dir, &str, &Dir, &str) -> FsResult<T>,
) -> FsResult<T> {
    let (Some((old, old_name)), Some((new, new_name))) = (from.split_last(), to.split_last()) else {
        return Err(FsError::Busy);
    };
    match (beneath::descend(root, &old)?, beneath::descend(root, &new)?) {
        (Walk::Done(old), Walk::Done(new)) => act(&old, old_name, &new, new_name),
        // Somebody outside put a link there after the paths were resolved.
        _ => Err(FsError::Busy),
    }
}

/// Whether the directories below `name` are nested in at most `levels` levels, so that all of them can still be named.
fn fits(parent: &Dir, name: &str, levels: usize) -> FsResult<()> {
    let mut open = vec![parent.open_dir_nofollow(name)?];
    let mut lists = vec![open[0].entries()?];
    while let (Some(dir), Some(entries)) = (open.last(), lists.last_mut()) {
        let Some(entry) = entries.next() else {
            open.pop();
            lists.pop();
            continue;
        };
        let entry = entry?;
        if open.len() > levels {
            return Err(FsError::NameTooLong);
        }
        if entry.metadata()?.is_dir() {
            let below = dir.open_dir_nofollow(entry.file_name())?;
            lists.push(below.entries()?);
            open.push(below);
        }
    }
    Ok(())
}

fn apply(root: &Dir, ledger: &Arc<Ledger>, parent: &Dir, name: &str, change: &Change) -> FsResult<Outcome<()>> {
    match change {
        Change::MakeDir => make(root, ledger, 0, || Ok(parent.create_dir(name)?))?,
        Change::MakeLink(target) => {
            make(root, ledger, target.len() as u64, || Ok(parent.symlink_contents(Path::new(target), name)?))?;
        }
        Change::Unlink | Change::RemoveDir => remove(ledger, parent, name, matches!(change, Change::RemoveDir))?,
        Change::SetTimes(times, follow) => {
            if let (Follow::Yes, Kind::Link { target }) = (follow, beneath::lookup(parent, name)?.kind) {
                return Ok(Outcome::Link(target));
            }
            parent.set_symlink_times(name, spec(times.accessed), spec(times.modified))?;
        }
    }
    Ok(Outcome::Found(()))
}

fn set_root_times(root: &Dir, change: &Change) -> FsResult<Outcome<()>> {
    if let Change::SetTimes(times, _) = change {
        root.set_times(".", spec(times.accessed), spec(times.modified))?;
    }
    Ok(Outcome::Found(()))
}

fn spec(time: Option<SystemTime>) -> Option<SystemTimeSpec> {
    time.map(|time| SystemTimeSpec::Absolute(cap_std::time::SystemTime::from_std(time)))
}

fn make(root: &Dir, ledger: &Ledger, bytes: u64, act: impl FnOnce() -> FsResult<()>) -> FsResult<()> {
    let mut books = ledger.lock_counted(root)?;
    books.entries.take(1)?;
    let made = books.bytes.take(bytes).and_then(|()| act().inspect_err(|_| books.bytes.give_back(bytes)));
    made.inspect_err(|_| books.entries.give_back(1))
}

fn remove(ledger: &Ledger, parent: &Dir, name: &str, directory: bool) -> FsResult<()> {
    let mut books = ledger.lock();
    let entry = beneath::lookup(parent, name)?;
    match (&entry.kind, directory) {
        (Kind::Directory, true) => parent.remove_dir(name)?,
        (Kind::Directory, false) => return Err(FsError::IsDirectory),
        (_, true) => return Err(FsError::NotDirectory),
        (_, false) => parent.remove_file_or_symlink(name)?,
    }
    books.removed(&entry);
    Ok(())
}
