//! Several trees laid over each other: the layers of an image.
//!
//! What a path leads to is decided name by name, from the highest layer down:
//!
//! - Directories of one name merge. Everything else is what the highest layer says it is: a file or a link over a
//!   directory hides all that is below it, and a directory over a file hides the file.
//! - A name `.wh.NAME` in a layer removes NAME from all layers below it. NAME itself in the same layer stays: a directory
//!   beside its own removal holds only what this layer and those above it put there.
//! - A name `.wh..wh..opq` in a directory says the same from within: nothing of this directory comes from below.
//! - No name that starts with `.wh.` is there itself, in whatever layer it is. What such a name is does not matter.
//!
//! Nothing is copied and nothing is kept: each call looks at the layers as they are then. All of one call that concerns
//! directories of this machine happens in one hop to the blocking pool. A layer that cannot be read fails the call, since
//! what it removes cannot be known.

mod find;
mod gather;
mod layer;
mod probe;
mod window;

use super::error::{FsError, FsResult};
use super::limits::MAX_LAYERS;
use super::offload;
use super::path::{TreePath, visible};
use super::tree::{Entries, Entry, Opened, Tree, Walk};
use async_trait::async_trait;
use find::{Find, Look, Open};
use gather::Listing;
use layer::{Layers, Run};
use std::ops::ControlFlow;
use std::sync::Arc;

/// A tree of several layers. Later ones win.
pub struct Union {
    layers: Arc<Layers>,
}

/// More layers were to be merged than can be.
#[derive(Debug, thiserror::Error, Clone, PartialEq, Eq)]
#[error("{count} layers: at most {MAX_LAYERS} can be merged")]
pub struct TooManyLayers {
    /// How many they were.
    pub count: usize,
}

impl Union {
    /// Lays trees over each other: each one over those before it. Of no trees at all comes one with nothing in it, not
    /// even a root.
    ///
    /// # Errors
    /// Where they are more than [`MAX_LAYERS`].
    pub fn new(trees: Vec<Arc<dyn Tree>>) -> Result<Self, TooManyLayers> {
        match trees.len() {
            count if count > MAX_LAYERS => Err(TooManyLayers { count }),
            _ => Ok(Self { layers: Arc::new(Layers::new(trees)) }),
        }
    }

    /// Which layer what is at `path` comes from, counted from 0 in the order in which they were given; of a merged
    /// directory, the highest. A link is not followed.
    ///
    /// # Errors
    /// As [`Tree::lookup`].
    pub async fn origin(&self, path: &TreePath) -> FsResult<Walk<usize>> {
        Ok(self.layers.visit(path, Find::<Look>::default()).await?.map(|(index, _)| index))
    }
}

#[async_trait]
impl Tree for Union {
    async fn lookup(&self, path: &TreePath) -> FsResult<Walk<Entry>> {
        Ok(self.layers.visit(path, Find::<Look>::default()).await?.map(|(_, entry)| entry))
    }

    async fn open(&self, path: &TreePath) -> FsResult<Walk<Opened>> {
        Ok(self.layers.visit(path, Find::<Open>::default()).await?.map(|(_, opened)| opened))
    }

    async fn list(&self, path: &TreePath) -> FsResult<Walk<Box<dyn Entries>>> {
        let listing = Listing::start(self.layers.clone(), path.clone()).await?;
        Ok(listing.map(|listing| Box::new(listing) as Box<dyn Entries>))
    }
}

/// Goes through the layers, from the highest down, until it knows the answer.
trait Visit: Send + 'static {
    /// What is found.
    type Found: Send + 'static;

    /// Looks at a directory of this machine. Blocks.
    fn local(&mut self, layer: &layer::Local, path: &TreePath) -> Step<Self::Found>;

    /// Looks at another tree.
    fn foreign(&mut self, layer: &layer::Foreign, path: &TreePath) -> impl Future<Output = Step<Self::Found>> + Send;

    /// The answer when no layer is left.
    fn end(self) -> FsResult<Walk<Self::Found>>;
}

/// Whether to go on to the next layer.
type Step<T> = FsResult<ControlFlow<Walk<T>>>;

impl Layers {
    async fn visit<V: Visit>(&self, path: &TreePath, mut visit: V) -> FsResult<Walk<V::Found>> {
        if !path.names().all(visible) {
            return Err(FsError::NotFound);
        }
        for run in self.runs() {
            let step = match run {
                Run::Foreign(layer) => visit.foreign(layer, path).await?,
                Run::Local(layers) => {
                    let (layers, path) = (layers.clone(), path.clone());
                    let job = offload::run(move || {
                        let step = layers.iter().try_fold((), |(), layer| match visit.local(layer, &path) {
                            Ok(ControlFlow::Continue(())) => ControlFlow::Continue(()),
                            end => ControlFlow::Break(end),
                        });
                        match step {
                            ControlFlow::Continue(()) => Ok((visit, ControlFlow::Continue(()))),
                            ControlFlow::Break(end) => Ok((visit, end?)),
                        }
                    });
                    let (back, step) = job.await?;
                    visit = back;
                    step
                }
            };
            if let ControlFlow::Break(found) = step {
                return Ok(found);
            }
        }
        visit.end()
    }
}
