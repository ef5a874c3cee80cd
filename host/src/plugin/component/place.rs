//! Where a component keeps what it may keep.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use ww_cell::fs::Home;

use crate::data::lock_file;

/// What an operator grants a component that may keep files. It is no capability: it gives a `/var`.
pub const STATE: &str = "state";

/// The `/var` of a component: one node at a time writes to it.
pub(in crate::plugin) struct Place {
    home: Home,
    _lock: Option<File>,
}

/// Why it cannot be had.
#[derive(Debug, thiserror::Error)]
pub(in crate::plugin) enum PlaceError {
    /// Another node has it.
    #[error("its state, {}, is in use by another node; start one of them with another --data", .0.display())]
    InUse(PathBuf),
    /// It cannot be locked.
    #[error("its state, {}, cannot be locked: {cause}", path.display())]
    Lock {
        /// Where it is.
        path: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
}

impl Place {
    /// Nothing is kept.
    pub(in crate::plugin) fn nowhere() -> Self {
        Self { home: Home::Nowhere, _lock: None }
    }

    /// What the provider `name` keeps, in the folder `state` of all of them.
    pub(in crate::plugin) fn of(state: &Path, name: &str) -> Result<Self, PlaceError> {
        let path = state.join(name);
        // Beside the directories, under a name that none of them has.
        let lock = state.join(".locks").join(name);
        let fail = |cause| PlaceError::Lock { path: path.clone(), cause };
        let lock = lock_file(&lock).map_err(fail)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { home: Home::Kept(path), _lock: Some(lock) }),
            Err(TryLockError::WouldBlock) => Err(PlaceError::InUse(path)),
            Err(TryLockError::Error(error)) => Err(fail(error)),
        }
    }

    pub(super) fn home(&self) -> Home {
        self.home.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_node_at_a_time_has_it() {
        let state = tempfile::tempdir().expect("a temporary folder");
        let first = Place::of(state.path(), "kv").expect("a place");
        assert_eq!(first.home(), Home::Kept(state.path().join("kv")));
        let error = Place::of(state.path(), "kv").err().expect("it is taken").to_string();
        assert!(error.contains("is in use by another node"), "{error}");
        Place::of(state.path(), "clock").expect("that of another one");
        drop(first);
        Place::of(state.path(), "kv").expect("a place that is free again");
    }
}
