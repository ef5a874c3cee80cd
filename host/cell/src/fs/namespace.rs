//! What a guest sees: the image, with the two writable directories laid over it.

use super::area::{Area, AreaFile, AreaOpened, Change, Home};
use super::budget::Budget;
use super::error::{FsError, FsResult};
use super::path::TreePath;
use super::tree::{Entries, Entry, Kind, Named, NamedKind, ObjectId, Opened, ReadAt, Times, Tree, Walk};
use std::collections::VecDeque;
use std::sync::Arc;

/// The guest's root, whatever tree it is of. The inodes of device 0 are nobody else's.
pub(crate) const ROOT: ObjectId = ObjectId(0, 1);

/// Name of the private writable directory.
const TMP: &str = "tmp";
/// Name of the writable directory that is kept.
const VAR: &str = "var";
/// What is laid over the image, sorted.
const MOUNTS: [&str; 2] = [TMP, VAR];

/// The places that paths of the guest lead to. Paths are from the guest's root and have no `..` in them; no call follows
/// a link.
pub(crate) struct Namespace {
    image: Arc<dyn Tree>,
    tmp: Area,
    var: Area,
}

/// How to open something.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OpenHow {
    /// For writing.
    pub(crate) write: bool,
    /// Make a file where there is nothing.
    pub(crate) create: bool,
    /// Only if it can be made; needs `create`.
    pub(crate) exclusive: bool,
    /// Empty a file that is there.
    pub(crate) truncate: bool,
    /// Only a directory.
    pub(crate) directory: bool,
    /// Follow a link at the end of the path.
    pub(crate) follow: bool,
}

impl OpenHow {
    /// Whether something that is there may be opened this way; a link, whether it may be followed.
    pub(crate) fn allows(&self, kind: &Kind) -> FsResult<()> {
        match kind {
            _ if self.create && self.exclusive => Err(FsError::Exists),
            Kind::Link { .. } if !self.follow => Err(FsError::Loop),
            Kind::Directory if self.write || self.truncate || self.create => Err(FsError::IsDirectory),
            Kind::File { .. } if self.directory => Err(FsError::NotDirectory),
            _ => Ok(()),
        }
    }

    fn changes(&self) -> bool {
        self.write || self.truncate
    }
}

/// What was opened.
pub(crate) enum Open {
    /// A file of the image.
    Image(Entry, Arc<dyn ReadAt>),
    /// A file of a writable directory.
    Area(Entry, Arc<AreaFile>),
    /// A directory.
    Directory(Entry),
}

/// Where a path leads.
enum Spot<'a> {
    Image,
    Area(&'a Area, ObjectId, TreePath),
}

impl Namespace {
    pub(crate) fn new(image: Arc<dyn Tree>, tmp: Home, var: Home, bytes: &Arc<Budget>, entries: &Arc<Budget>) -> Self {
        let area = |home| Area::new(home, bytes.clone(), entries.clone());
        Self { image, tmp: area(tmp), var: area(var) }
    }

    fn spot(&self, path: &TreePath) -> Spot<'_> {
        // Like the root's own number, so that they have one before they are on a disk.
        match path.split_first() {
            Some((TMP, rest)) => Spot::Area(&self.tmp, ObjectId(0, 2), rest),
            Some((VAR, rest)) => Spot::Area(&self.var, ObjectId(0, 3), rest),
            _ => Spot::Image,
        }
    }

    /// What is at `path`.
    pub(crate) async fn lookup(&self, path: &TreePath) -> FsResult<Walk<Entry>> {
        match self.spot(path) {
            Spot::Image => Ok(self.image.lookup(path).await?.map(|entry| of_image(path, entry))),
            Spot::Area(area, id, rest) => match area.root().await? {
                Some(root) if rest.is_root() => Ok(root.tree.lookup(&rest).await?.map(|entry| Entry { id, ..entry })),
                Some(root) => below(root.tree.lookup(&rest).await),
                None if rest.is_root() => Ok(Walk::Done(empty_directory(id))),
                None => Err(FsError::NotFound),
            },
        }
    }

    /// Opens what is at `path`, or makes a file there.
    pub(crate) async fn open(&self, path: &TreePath, how: OpenHow) -> FsResult<Walk<Open>> {
        match self.spot(path) {
            Spot::Image => self.open_in_image(path, how).await,
            Spot::Area(_, _, rest) if rest.is_root() => {
                how.allows(&Kind::Directory)?;
                Ok(self.lookup(path).await?.map(Open::Directory))
            }
            Spot::Area(area, _, rest) => Ok(below(area.open(&rest, how).await)?.map(|opened| match opened {
                AreaOpened::File(entry, file) => Open::Area(entry, file),
                AreaOpened::Directory(entry) => Open::Directory(entry),
            })),
        }
    }

    async fn open_in_image(&self, path: &TreePath, how: OpenHow) -> FsResult<Walk<Open>> {
        match self.image.open(path).await {
            Ok(Walk::Done(Opened::File(entry, file))) => {
                how.allows(&entry.kind)?;
                if how.changes() { Err(FsError::ReadOnly) } else { Ok(Walk::Done(Open::Image(entry, file))) }
            }
            Ok(Walk::Done(Opened::Directory(entry))) => {
                how.allows(&entry.kind)?;
                Ok(Walk::Done(Open::Directory(of_image(path, entry))))
            }
            Ok(Walk::Link { depth, target }) => {
                let kind = Kind::Link { target: String::new() };
                if depth == path.depth() {
                    how.allows(&kind)?;
                }
                Ok(Walk::Link { depth, target })
            }
            Err(FsError::NotFound) if how.create => Err(FsError::ReadOnly),
            Err(error) => Err(error),
        }
    }

    /// The names in the directory at `path`.
    pub(crate) async fn list(&self, path: &TreePath) -> FsResult<Walk<Listing>> {
        match self.spot(path) {
            Spot::Image => {
                let entries = self.image.list(path).await?;
                Ok(entries.map(|entries| if path.is_root() { Listing::root(entries) } else { Listing::of(entries) }))
            }
            Spot::Area(area, _, rest) => match area.root().await? {
                Some(root) => {
                    let entries = below(root.tree.list(&rest).await)?;
                    Ok(entries.map(Listing::of))
                }
                None if rest.is_root() => Ok(Walk::Done(Listing::default())),
                None => Err(FsError::NotFound),
            },
        }
    }

    /// Makes a change at `path`.
    pub(crate) async fn change(&self, path: &TreePath, change: Change) -> FsResult<Walk<()>> {
        match self.spot(path) {
            Spot::Area(area, _, rest) => below(area.change(&rest, change).await),
            Spot::Image => match self.image.lookup(path).await {
                Ok(Walk::Done(Entry { kind: Kind::Link { target }, .. })) if change.follows() => {
                    Ok(Walk::Link { depth: path.depth(), target })
                }
                Ok(Walk::Link { depth, target }) => Ok(Walk::Link { depth, target }),
                Ok(Walk::Done(_)) if change.makes() => Err(FsError::Exists),
                Err(FsError::NotFound) if change.makes() => Err(FsError::ReadOnly),
                Ok(Walk::Done(_)) => Err(FsError::ReadOnly),
                Err(error) => Err(error),
            },
        }
    }

    /// Renames. No link is on the way to either.
    pub(crate) async fn rename(&self, from: &TreePath, to: &TreePath) -> FsResult<()> {
        let (area, from, to) = self.within_one(from, to)?;
        area.rename(&from, &to).await
    }

    /// Gives a file a second name. No link is on the way to either.
    pub(crate) async fn link(&self, from: &TreePath, to: &TreePath) -> FsResult<()> {
        let (area, from, to) = self.within_one(from, to)?;
        area.link(&from, &to).await
    }

    fn within_one(&self, from: &TreePath, to: &TreePath) -> FsResult<(&Area, TreePath, TreePath)> {
        match (self.spot(from), self.spot(to)) {
            (Spot::Area(_, _, root), _) | (_, Spot::Area(_, _, root)) if root.is_root() => Err(FsError::Busy),
            (Spot::Area(one, id, from), Spot::Area(_, other, to)) if id == other => Ok((one, from, to)),
            (Spot::Area(..), Spot::Area(..)) => Err(FsError::CrossDevice),
            _ => Err(FsError::ReadOnly),
        }
    }
}

/// A link in an area is one name further down from the guest's root.
fn below<T>(walk: FsResult<Walk<T>>) -> FsResult<Walk<T>> {
    match walk? {
        Walk::Link { depth, target } => Ok(Walk::Link { depth: depth + 1, target }),
        done => Ok(done),
    }
}

fn empty_directory(id: ObjectId) -> Entry {
    Entry { kind: Kind::Directory, size: 0, links: 1, times: Times::default(), id }
}

fn of_image(path: &TreePath, entry: Entry) -> Entry {
    if path.is_root() { Entry { id: ROOT, ..entry } } else { entry }
}

/// The names of a directory, with those that are laid over it.
#[derive(Default)]
pub(crate) struct Listing {
    /// In order, and sorted in where the directory is sorted.
    over: VecDeque<&'static str>,
    hidden: &'static [&'static str],
    entries: Option<Box<dyn Entries>>,
}

impl Listing {
    fn of(entries: Box<dyn Entries>) -> Self {
        Self { entries: Some(entries), ..Self::default() }
    }

    fn root(entries: Box<dyn Entries>) -> Self {
        Self { over: MOUNTS.into(), hidden: &MOUNTS, entries: Some(entries) }
    }

    /// The next names; none at the end.
    pub(crate) async fn next(&mut self) -> FsResult<Vec<Named>> {
        while let Some(entries) = &mut self.entries {
            let mut names = entries.next().await?;
            if names.is_empty() {
                self.entries = None;
                break;
            }
            names.retain(|named| !self.hidden.contains(&named.name.as_str()));
            self.sort_in(&mut names);
            if !names.is_empty() {
                return Ok(names);
            }
        }
        Ok(self.over.drain(..).map(mount).collect())
    }

    fn sort_in(&mut self, names: &mut Vec<Named>) {
        while let (Some(over), Some(last)) = (self.over.front(), names.last())
            && last.name.as_str() > *over
        {
            let place = names.partition_point(|named| named.name.as_str() < *over);
            names.insert(place, mount(over));
            self.over.pop_front();
        }
    }
}

fn mount(name: &str) -> Named {
    Named { name: name.to_owned(), kind: NamedKind::Directory }
}
