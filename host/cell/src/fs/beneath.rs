//! Steps within a directory of the host's, one name at a time, none of which follows a symbolic link.
//!
//! Everything here blocks and belongs on the blocking pool. Since each step is taken from the descriptor of the directory
//! before it, a directory that is swapped for a link in the middle of a walk ends the walk; it never leads out.

use super::error::{FsError, FsResult};
use super::limits::LIST_CHUNK;
use super::offload::{self, Elsewhere};
use super::path::TreePath;
use super::tree::{Entries, Entry, Kind, Named, NamedKind, ObjectId, Times, Walk};
use async_trait::async_trait;
use cap_fs_ext::{DirExt, FollowSymlinks, MetadataExt, OpenOptionsFollowExt, OpenOptionsSyncExt};
use cap_std::fs::{Dir, FileType, Metadata, OpenOptions, ReadDir};
use std::fs::File;
use std::io;
use std::path::Path;

/// A directory on a walk: where it started, or one further down.
pub(super) enum Place<'a> {
    Start(&'a Dir),
    Below(Dir),
}

impl std::ops::Deref for Place<'_> {
    type Target = Dir;

    fn deref(&self) -> &Dir {
        match self {
            Place::Start(dir) => dir,
            Place::Below(dir) => dir,
        }
    }
}

/// Walks down a chain of directories.
pub(super) fn descend<'a>(start: &'a Dir, path: &TreePath) -> FsResult<Walk<Place<'a>>> {
    if let Some(end) = descend_at_once(start, path) {
        return Ok(Walk::Done(Place::Below(end)));
    }
    let mut at = Place::Start(start);
    for (index, name) in path.names().enumerate() {
        match at.open_dir_nofollow(name) {
            Ok(next) => at = Place::Below(next),
            Err(error) => return why_no_directory(&at, name, index + 1, error),
        }
    }
    Ok(Walk::Done(at))
}

/// Walks down in one step where the kernel can do it without following a link. Where it cannot, the walk name by name
/// finds out why.
#[cfg(target_os = "linux")]
fn descend_at_once(start: &Dir, path: &TreePath) -> Option<Dir> {
    use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};
    if path.depth() < 2 {
        return None;
    }
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    let end = openat2(start, path.as_str(), flags, Mode::empty(), resolve).ok()?;
    Some(Dir::from_std_file(end.into()))
}

#[cfg(not(target_os = "linux"))]
fn descend_at_once(_: &Dir, _: &TreePath) -> Option<Dir> {
    None
}

/// What was found at the last name of a path.
pub(super) enum Outcome<T> {
    Found(T),
    Link(String),
}

/// Walks to the directory that `path` lies in, and acts on the last name there; without one, `path` is the root.
pub(super) fn at<T>(
    root: &Dir,
    path: &TreePath,
    act: impl FnOnce(&Dir, Option<&str>) -> FsResult<Outcome<T>>,
) -> FsResult<Walk<T>> {
    let (parent, name) = match path.split_last() {
        Some((parent, name)) => (parent, Some(name)),
        None => (TreePath::root(), None),
    };
    match descend(root, &parent)? {
        Walk::Link { depth, target } => Ok(Walk::Link { depth, target }),
        Walk::Done(place) => Ok(match act(&place, name)? {
            Outcome::Found(found) => Walk::Done(found),
            Outcome::Link(target) => Walk::Link { depth: path.depth(), target },
        }),
    }
}

/// Finds out what stood in the way. Hosts tell a link by different errors, so it is looked at again.
fn why_no_directory<T>(parent: &Dir, name: &str, depth: usize, error: io::Error) -> FsResult<Walk<T>> {
    match lookup(parent, name)?.kind {
        Kind::Link { target } => Ok(Walk::Link { depth, target }),
        Kind::File { .. } => Err(FsError::NotDirectory),
        Kind::Directory => Err(error.into()),
    }
}

/// What has this name.
pub(super) fn lookup(parent: &Dir, name: &str) -> FsResult<Entry> {
    let metadata = parent.symlink_metadata(name)?;
    let mut entry = describe(&metadata)?;
    if let Kind::Link { target } = &mut entry.kind {
        *target = link_target(parent, name)?;
    }
    Ok(entry)
}

/// What is known of a directory itself.
pub(super) fn describe_dir(dir: &Dir) -> FsResult<Entry> {
    describe(&dir.dir_metadata()?)
}

fn link_target(parent: &Dir, name: &str) -> FsResult<String> {
    let target = parent.read_link_contents(name)?;
    target.into_os_string().into_string().map_err(|_| FsError::NotText)
}

/// Turns the host's description into ours. Devices, FIFOs and sockets are not there for a guest.
pub(super) fn describe(metadata: &Metadata) -> FsResult<Entry> {
    let kind = match named_kind(metadata.file_type()) {
        Some(NamedKind::Directory) => Kind::Directory,
        Some(NamedKind::File) => Kind::File { executable: executable(metadata) },
        Some(NamedKind::Link) => Kind::Link { target: String::new() },
        None => return Err(FsError::NotFound),
    };
    let time = |time: io::Result<cap_std::time::SystemTime>| time.ok().map(cap_std::time::SystemTime::into_std);
    Ok(Entry {
        kind,
        size: metadata.len(),
        links: metadata.nlink(),
        times: Times {
            accessed: time(metadata.accessed()),
            modified: time(metadata.modified()),
            created: time(metadata.created()),
        },
        id: ObjectId(metadata.dev(), metadata.ino()),
    })
}

fn named_kind(file_type: FileType) -> Option<NamedKind> {
    if file_type.is_dir() {
        Some(NamedKind::Directory)
    } else if file_type.is_file() {
        Some(NamedKind::File)
    } else if file_type.is_symlink() {
        Some(NamedKind::Link)
    } else {
        None
    }
}

#[cfg(unix)]
fn executable(metadata: &Metadata) -> bool {
    use cap_std::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn executable(_: &Metadata) -> bool {
    false
}

/// How to open a file.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct How {
    /// For writing as well as for reading.
    pub(super) write: bool,
    /// Only if it can be made anew.
    pub(super) create_new: bool,
}

/// Opens a regular file. What is no regular file by the time it is open is closed again; `nonblock` keeps a FIFO that was
/// put in its place from holding the thread.
pub(super) fn open_file(parent: &Dir, name: &str, how: How) -> FsResult<(Entry, File)> {
    let mut options = OpenOptions::new();
    options.read(true).write(how.write).create_new(how.create_new);
    options.follow(FollowSymlinks::No).nonblock(true);
    let file = parent.open_with(name, &options)?;
    let entry = describe(&file.metadata()?)?;
    match entry.kind {
        Kind::File { .. } => Ok((entry, file.into_std())),
        Kind::Directory => Err(FsError::IsDirectory),
        Kind::Link { .. } => Err(FsError::Loop),
    }
}

/// Opens a directory of the host's by a path of the operator's, whose last name must not be a link: in an image that came
/// from somebody else a link would choose what a guest writes to.
pub(super) fn open_ambient(path: &Path) -> io::Result<Dir> {
    let authority = cap_std::ambient_authority();
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Dir::open_ambient_dir(path, authority);
    };
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    Dir::open_ambient_dir(parent, authority)?.open_dir_nofollow(name)
}

/// A directory of the host's that is being listed.
pub(super) struct HostEntries {
    ready: Vec<Named>,
    rest: Option<Elsewhere<ReadDir>>,
}

/// Starts to list a directory, with its first names.
pub(super) fn list(dir: &Dir) -> FsResult<HostEntries> {
    let (ready, rest) = read_on(Elsewhere::new(dir.entries()?))?;
    Ok(HostEntries { ready, rest })
}

#[async_trait]
impl Entries for HostEntries {
    async fn next(&mut self) -> FsResult<Vec<Named>> {
        if self.ready.is_empty()
            && let Some(rest) = self.rest.take()
        {
            (self.ready, self.rest) = offload::run(move || read_on(rest)).await?;
        }
        Ok(std::mem::take(&mut self.ready))
    }
}

/// Reads a part, and keeps the directory open only if there can be more.
fn read_on(mut rest: Elsewhere<ReadDir>) -> FsResult<(Vec<Named>, Option<Elsewhere<ReadDir>>)> {
    let names = read_names(rest.get_mut()?)?;
    let more = names.len() == LIST_CHUNK;
    Ok((names, more.then_some(rest)))
}

/// The next names, skipping what a guest cannot see or say.
fn read_names(rest: &mut ReadDir) -> FsResult<Vec<Named>> {
    let mut names = Vec::new();
    for entry in rest {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        // Not every file system says in a directory what its names are.
        let kind = match named_kind(entry.file_type()?) {
            Some(kind) => Some(kind),
            None => entry.metadata().ok().and_then(|metadata| named_kind(metadata.file_type())),
        };
        let Some(kind) = kind else { continue };
        names.push(Named { name, kind });
        if names.len() == LIST_CHUNK {
            break;
        }
    }
    Ok(names)
}

#[cfg(unix)]
pub(super) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(unix)]
pub(super) fn write_at(file: &File, buffer: &[u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::write_at(file, buffer, offset)
}

#[cfg(windows)]
pub(super) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

#[cfg(windows)]
pub(super) fn write_at(file: &File, buffer: &[u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_write(file, buffer, offset)
}
