//! Lists a merged directory.

use super::super::beneath;
use super::super::error::{FsError, FsResult};
use super::super::limits::{LIST_CHUNK, LIST_WINDOW};
use super::super::path::TreePath;
use super::super::tree::{Entries, Named, Walk};
use super::find::Search;
use super::layer::{Foreign, Layers, Local, Rank};
use super::probe::{self, End, Probe};
use super::window::Window;
use super::{Step, Visit};
use async_trait::async_trait;
use std::ops::ControlFlow;
use std::sync::Arc;

/// The names of a merged directory, sorted. The first window is read with the directory itself; a directory that fits in
/// it costs one hop.
pub(super) struct Listing {
    layers: Arc<Layers>,
    path: TreePath,
    ready: std::vec::IntoIter<Named>,
    /// Where the next window starts.
    next: Option<String>,
}

impl Listing {
    pub(super) async fn start(layers: Arc<Layers>, path: TreePath) -> FsResult<Walk<Self>> {
        let window = layers.visit(&path, Gather::new(None)).await?;
        Ok(window.map(|window| {
            let (names, next) = window.close();
            Self { layers, path, ready: names.into_iter(), next }
        }))
    }
}

#[async_trait]
impl Entries for Listing {
    async fn next(&mut self) -> FsResult<Vec<Named>> {
        while self.ready.len() == 0
            && let Some(from) = self.next.take()
        {
            let Walk::Done(window) = self.layers.visit(&self.path, Gather::new(Some(from))).await? else {
                // A link has taken the place of the directory.
                return Err(FsError::NotDirectory);
            };
            let (names, next) = window.close();
            (self.ready, self.next) = (names.into_iter(), next);
        }
        Ok(self.ready.by_ref().take(LIST_CHUNK).collect())
    }
}

/// Fills a window with the names of a directory, from all layers that have a part in it.
struct Gather {
    search: Search,
    /// Whether the directory is there.
    found: bool,
    window: Window,
}

impl Gather {
    fn new(from: Option<String>) -> Self {
        Self { search: Search::default(), found: false, window: Window::new(from, LIST_WINDOW) }
    }

    /// Takes in what a layer says of the directory; its names are in the window by then.
    fn take<D>(&mut self, probe: Probe<End<D>>, path: &TreePath) -> Step<Window> {
        let probe = match probe {
            Probe::Found(End { hides, .. }) => {
                self.found = true;
                Probe::Missing { deep: path.depth(), hides }
            }
            other => probe::without_end(other),
        };
        match self.search.take(probe) {
            // Whatever ends the search ends the directory.
            Ok(ControlFlow::Break(_)) | Err(FsError::NotFound) if self.found => Ok(ControlFlow::Break(self.done())),
            step => step,
        }
    }

    fn done(&mut self) -> Walk<Window> {
        Walk::Done(std::mem::replace(&mut self.window, Window::new(None, 0)))
    }

    fn add(&mut self, rank: Rank, named: Named) {
        self.window.add(rank, named);
    }
}

impl Visit for Gather {
    type Found = Window;

    fn local(&mut self, layer: &Local, path: &TreePath) -> Step<Window> {
        let probe = probe::local_trail(layer, path)?;
        if let Probe::Found(end) = &probe {
            beneath::each_name(&end.directory, |named| self.add(layer.rank, named))?;
        }
        self.take(probe, path)
    }

    async fn foreign(&mut self, layer: &Foreign, path: &TreePath) -> Step<Window> {
        let probe = probe::foreign_trail(layer, path).await?;
        if matches!(probe, Probe::Found(_))
            && let Walk::Done(mut entries) = layer.tree.list(path).await?
        {
            loop {
                let names = entries.next().await?;
                if names.is_empty() {
                    break;
                }
                names.into_iter().for_each(|named| self.add(layer.rank, named));
            }
        }
        self.take(probe, path)
    }

    fn end(mut self) -> FsResult<Walk<Window>> {
        if self.found { Ok(self.done()) } else { Err(FsError::NotFound) }
    }
}
