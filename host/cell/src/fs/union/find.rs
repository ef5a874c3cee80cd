//! Finds the one thing that a path leads to.

use super::super::beneath::Outcome;
use super::super::error::{FsError, FsResult};
use super::super::local;
use super::super::path::TreePath;
use super::super::tree::{Entry, Opened, Tree, Walk};
use super::layer::{Foreign, Local, Rank};
use super::probe::{self, Probe};
use super::{Step, Visit};
use cap_std::fs::Dir;
use std::marker::PhantomData;
use std::ops::ControlFlow;

/// What the layers so far say of a path, none of which has all of it.
#[derive(Debug, Default)]
pub(super) struct Search {
    /// So many names lead to directories in one of them: what a layer below has there instead is hidden.
    deep: usize,
}

impl Search {
    /// Takes in what the next layer says.
    pub(super) fn take<T>(&mut self, probe: Probe<T>) -> Step<T> {
        match probe {
            Probe::Found(found) => Ok(ControlFlow::Break(Walk::Done(found))),
            Probe::Link { depth, target } if depth > self.deep => Ok(ControlFlow::Break(Walk::Link { depth, target })),
            Probe::File { depth } if depth > self.deep => Err(FsError::NotDirectory),
            Probe::Link { .. } | Probe::File { .. } | Probe::Missing { hides: true, .. } => Err(FsError::NotFound),
            Probe::Missing { deep, hides: false } => {
                self.deep = self.deep.max(deep);
                Ok(ControlFlow::Continue(()))
            }
        }
    }
}

/// What is done with the thing that is found.
pub(super) trait Act: Send + 'static {
    type Found: Send + 'static;

    /// In the directory that it lies in, on this machine. Blocks.
    fn local(parent: &Dir, name: Option<&str>) -> FsResult<Outcome<Self::Found>>;

    /// In another tree.
    fn foreign(tree: &dyn Tree, path: &TreePath) -> impl Future<Output = FsResult<Walk<Self::Found>>> + Send;

    /// Makes what a layer found the union's.
    fn adopt(found: Self::Found, rank: Rank) -> Self::Found;
}

/// Says what it is.
pub(super) struct Look;

impl Act for Look {
    type Found = Entry;

    fn local(parent: &Dir, name: Option<&str>) -> FsResult<Outcome<Entry>> {
        local::lookup_in(parent, name)
    }

    async fn foreign(tree: &dyn Tree, path: &TreePath) -> FsResult<Walk<Entry>> {
        tree.lookup(path).await
    }

    fn adopt(found: Entry, rank: Rank) -> Entry {
        Entry { id: rank.id(found.id), ..found }
    }
}

/// Opens it.
pub(super) struct Open;

impl Act for Open {
    type Found = Opened;

    fn local(parent: &Dir, name: Option<&str>) -> FsResult<Outcome<Opened>> {
        local::open_in(parent, name)
    }

    async fn foreign(tree: &dyn Tree, path: &TreePath) -> FsResult<Walk<Opened>> {
        tree.open(path).await
    }

    fn adopt(found: Opened, rank: Rank) -> Opened {
        match found {
            Opened::File(entry, file) => Opened::File(Look::adopt(entry, rank), file),
            Opened::Directory(entry) => Opened::Directory(Look::adopt(entry, rank)),
        }
    }
}

/// Finds what is at a path, and acts on it; says which layer it is in.
pub(super) struct Find<A> {
    search: Search,
    act: PhantomData<A>,
}

impl<A> Default for Find<A> {
    fn default() -> Self {
        Self { search: Search::default(), act: PhantomData }
    }
}

impl<A: Act> Find<A> {
    fn take(&mut self, probe: Probe<A::Found>, rank: Rank) -> Step<(usize, A::Found)> {
        Ok(self.search.take(probe)?.map_break(|walk| walk.map(|found| (rank.0, A::adopt(found, rank)))))
    }
}

impl<A: Act> Visit for Find<A> {
    type Found = (usize, A::Found);

    fn local(&mut self, layer: &Local, path: &TreePath) -> Step<Self::Found> {
        self.take(probe::local(layer, path, A::local)?, layer.rank)
    }

    async fn foreign(&mut self, layer: &Foreign, path: &TreePath) -> Step<Self::Found> {
        let probe = match A::foreign(&*layer.tree, path).await {
            Ok(Walk::Done(found)) => Probe::Found(found),
            Ok(Walk::Link { depth, target }) => Probe::Link { depth, target },
            Err(FsError::NotFound | FsError::NotDirectory) => {
                probe::without_end(probe::foreign_trail(layer, path).await?)
            }
            Err(error) => return Err(error),
        };
        self.take(probe, layer.rank)
    }

    fn end(self) -> FsResult<Walk<Self::Found>> {
        Err(FsError::NotFound)
    }
}
