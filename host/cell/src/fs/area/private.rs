//! The directories that are private to cells: made, kept from others, removed, and swept up after a node that crashed.
//!
//! One that is in use is locked, so that a node that starts can tell it from one that was left over.

use super::super::beneath;
use super::super::offload::Elsewhere;
use cap_std::fs::Dir;
use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;
use tokio::sync::Notify;

/// What their names start with.
const PREFIX: &str = "ww-tmp-";

/// How many characters follow: letters and digits.
const RANDOM: usize = 6;

/// How often one is made before this is given up: each time, another node's sweep came between.
const ATTEMPTS: usize = 10;

/// How many this process has on the disk.
static PRESENT: AtomicUsize = AtomicUsize::new(0);

/// Told when there is none any more.
static NONE: Notify = Notify::const_new();

/// A private directory, which is removed when this is dropped.
pub(super) struct Private {
    directory: Option<TempDir>,
    /// The directory, locked until it is gone.
    _lock: File,
}

/// Makes one below `base`.
pub(super) fn make(base: &Path) -> io::Result<(Dir, Elsewhere<Private>)> {
    std::fs::create_dir_all(base)?;
    for _ in 0..ATTEMPTS {
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let directory = builder.prefix(PREFIX).rand_bytes(RANDOM).tempdir_in(base)?;
        if let Some(lock) = locked(directory.path())? {
            let dir = beneath::open_ambient(directory.path())?;
            return Ok((dir, Elsewhere::new(Private::new(directory, lock))));
        }
    }
    Err(io::Error::other("another node takes what is made here for left over"))
}

/// Opens a directory and locks it, where nobody else has it. Where there are no locks, nobody sweeps either.
fn locked(path: &Path) -> io::Result<Option<File>> {
    let directory = match open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    match directory.try_lock() {
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(_)) => Ok(Some(directory)),
        // It may have been swept up before it was locked.
        Ok(()) => Ok(path.try_exists()?.then_some(directory)),
    }
}

/// Opens a directory to lock it; no link to one.
fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags((OFlags::NOFOLLOW | OFlags::DIRECTORY).bits().cast_signed());
    }
    options.read(true).open(path)
}

impl Private {
    fn new(directory: TempDir, lock: File) -> Self {
        PRESENT.fetch_add(1, Ordering::SeqCst);
        Self { directory: Some(directory), _lock: lock }
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        if let Some(directory) = self.directory.take() {
            let path = directory.path().to_owned();
            if let Err(error) = directory.close() {
                let path = path.display();
                tracing::warn!(target: "ww::cell::fs", %path, %error, "a cell's /tmp could not be removed");
            }
        }
        if PRESENT.fetch_sub(1, Ordering::SeqCst) == 1 {
            NONE.notify_waiters();
        }
    }
}

/// How many private directories the cells of this process have on the disk, those among them that are being removed.
pub fn private_directories() -> usize {
    PRESENT.load(Ordering::SeqCst)
}

/// Waits until no cell of this process has a private directory any more: they are removed in the background, and a process
/// that ends sooner leaves them there.
pub async fn private_directories_removed() {
    loop {
        let mut none = std::pin::pin!(NONE.notified());
        // Registered before the look, so that nothing falls between the two.
        none.as_mut().enable();
        if private_directories() == 0 {
            return;
        }
        none.await;
    }
}

/// Removes the private directories below `base` that a node of this user has left behind because it crashed. Those of nodes
/// that live are locked, and stay; so does whatever only looks alike. Blocks.
pub fn remove_left_over(base: &Path) {
    // A directory that is not there has nothing in it.
    for entry in std::fs::read_dir(base).into_iter().flatten().flatten() {
        if is_name(&entry.file_name().to_string_lossy()) {
            let path = entry.path();
            match remove_if_left(&path) {
                Ok(true) => tracing::debug!(target: "ww::cell::fs", path = %path.display(), "removed what a node left"),
                Ok(false) => {}
                Err(error) => {
                    let path = path.display();
                    tracing::debug!(target: "ww::cell::fs", %path, %error, "what a node left could not be removed");
                }
            }
        }
    }
}

fn is_name(name: &str) -> bool {
    let random = name.strip_prefix(PREFIX).unwrap_or_default();
    random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn remove_if_left(path: &Path) -> io::Result<bool> {
    // Of another user, or open to others: not one of ours.
    if !path.symlink_metadata()?.is_dir() || !is_private(path)? {
        return Ok(false);
    }
    let directory = open(path)?;
    match directory.try_lock() {
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
        // Locked until all of it is gone.
        Ok(()) => std::fs::remove_dir_all(path).map(|()| true),
    }
}

#[cfg(unix)]
fn is_private(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let metadata = path.symlink_metadata()?;
    // What this process makes is its user's.
    let own = tempfile::tempfile()?.metadata()?;
    Ok(metadata.uid() == own.uid() && metadata.mode() & 0o077 == 0)
}

/// Elsewhere the temporary directory is the user's own.
#[cfg(not(unix))]
fn is_private(_: &Path) -> io::Result<bool> {
    Ok(true)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};

    fn names(base: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(base).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_a_crash_left_goes_and_nothing_else() {
        let base = tempfile::tempdir().unwrap();
        let base = base.path();
        let private = |name: &str| {
            let path = base.join(name);
            std::fs::DirBuilder::new().mode(0o700).create(&path).unwrap();
            path
        };
        let left = private("ww-tmp-aB3dE6");
        std::fs::create_dir_all(left.join("a/b")).unwrap();
        std::fs::write(left.join("a/b/c"), "left").unwrap();

        let kept = private("elsewhere");
        std::fs::write(kept.join("precious"), "").unwrap();
        for name in ["ww-tmp-aB3dE67", "ww-tmp-aB3d-6", "ww-tmp-", "ww-tmp"] {
            private(name);
        }
        let open = private("ww-tmp-open00");
        std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::write(base.join("ww-tmp-file00"), "").unwrap();
        std::os::unix::fs::symlink(&kept, base.join("ww-tmp-link00")).unwrap();
        let before = names(base);
        let (dir, living) = make(base).unwrap();
        dir.write("x", "in use").unwrap();
        let made = names(base).into_iter().find(|name| !before.contains(name)).unwrap();
        assert!(is_private(&base.join(made)).unwrap(), "nobody else looks into it");

        let mut expected = names(base);
        expected.retain(|name| name != "ww-tmp-aB3dE6");
        remove_left_over(base);
        assert_eq!(names(base), expected);
        assert!(kept.join("precious").exists());
        assert_eq!(dir.read_to_string("x").unwrap(), "in use");

        drop((dir, living));
        assert_eq!(names(base).len(), expected.len() - 1, "it goes with its cell");
    }

    #[test]
    fn one_that_is_being_swept_up_is_not_taken() {
        let base = tempfile::tempdir().unwrap();
        let sweeper = open(base.path()).unwrap();
        sweeper.try_lock().unwrap();
        assert!(locked(base.path()).unwrap().is_none());
        drop(sweeper);
        assert!(locked(base.path()).unwrap().is_some());
        assert!(locked(&base.path().join("gone")).unwrap().is_none());
    }

    #[test]
    fn a_base_that_is_not_there_has_nothing_in_it() {
        remove_left_over(Path::new("/nowhere/at/all"));
    }
}
