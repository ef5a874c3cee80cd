//! How far one layer has a path, and whether it hides what the layers below have there.

use super::super::beneath::{self, Outcome, Place};
use super::super::error::{FsError, FsResult};
use super::super::path::{OPAQUE, TreePath, whiteout_of};
use super::super::tree::{Kind, Tree, Walk};
use super::layer::{Foreign, Local};
use cap_std::fs::Dir;

/// What one layer says of a path.
#[derive(Debug)]
pub(super) enum Probe<T> {
    /// The whole path is there.
    Found(T),
    /// A link is on the way, or at the end of it: so many names lead to it, its own included.
    Link { depth: usize, target: String },
    /// A file is in the way.
    File { depth: usize },
    /// So many names lead to directories, and the next one is not there. `hides`: neither is it in the layers below.
    Missing { deep: usize, hides: bool },
}

/// A whole path that leads to a directory.
pub(super) struct End<D> {
    pub(super) directory: D,
    /// Whether the layers below have no part in it.
    pub(super) hides: bool,
}

/// Acts on what a local layer has at `path`.
pub(super) fn local<T>(
    layer: &Local,
    path: &TreePath,
    act: impl FnOnce(&Dir, Option<&str>) -> FsResult<Outcome<T>>,
) -> FsResult<Probe<T>> {
    match beneath::at(&layer.root, path, act) {
        Ok(Walk::Done(found)) => Ok(Probe::Found(found)),
        Ok(Walk::Link { depth, target }) => Ok(Probe::Link { depth, target }),
        Err(FsError::NotFound) if !layer.rank.has_below() => Ok(Probe::Missing { deep: 0, hides: false }),
        Err(FsError::NotFound | FsError::NotDirectory) => local_trail(layer, path).map(without_end),
        Err(error) => Err(error),
    }
}

/// Walks along a path in a local layer, and looks for removals on the way.
pub(super) fn local_trail<'a>(layer: &'a Local, path: &TreePath) -> FsResult<Probe<End<Place<'a>>>> {
    let below = layer.rank.has_below();
    if !below && let Some(directory) = beneath::descend_at_once(&layer.root, path) {
        return Ok(Probe::Found(End { directory: Place::Below(directory), hides: false }));
    }
    let mut at = Place::Start(&layer.root);
    let mut hides = below && holds(&at, OPAQUE)?;
    for (deep, name) in path.names().enumerate() {
        hides = hides || below && whiteout_of(name).map_or(Ok(false), |whiteout| holds(&at, &whiteout))?;
        match beneath::step(&at, name) {
            Ok(Walk::Done(next)) => at = Place::Below(next),
            Ok(Walk::Link { target, .. }) => return Ok(Probe::Link { depth: deep + 1, target }),
            Err(FsError::NotDirectory) => return Ok(Probe::File { depth: deep + 1 }),
            Err(FsError::NotFound) => return Ok(Probe::Missing { deep, hides }),
            Err(error) => return Err(error),
        }
        hides = hides || below && holds(&at, OPAQUE)?;
    }
    Ok(Probe::Found(End { directory: at, hides }))
}

fn holds(directory: &Dir, name: &str) -> FsResult<bool> {
    found(beneath::lookup(directory, name))
}

/// Walks along a path in a tree that is no directory of this machine. As many calls as there are names, so it is for when
/// the whole path was not found.
pub(super) async fn foreign_trail(layer: &Foreign, path: &TreePath) -> FsResult<Probe<End<()>>> {
    let (tree, below) = (&*layer.tree, layer.rank.has_below());
    let mut at = TreePath::root();
    let mut hides = below && has(tree, &at, OPAQUE).await?;
    for (deep, name) in path.names().enumerate() {
        if let Some(whiteout) = whiteout_of(name).filter(|_| below && !hides) {
            hides = has(tree, &at, &whiteout).await?;
        }
        at.push(name)?;
        match tree.lookup(&at).await.map(|walk| walk.map(|entry| entry.kind)) {
            Ok(Walk::Done(Kind::Directory)) => {}
            Ok(Walk::Done(Kind::File { .. })) => return Ok(Probe::File { depth: deep + 1 }),
            Ok(Walk::Done(Kind::Link { target })) => return Ok(Probe::Link { depth: deep + 1, target }),
            // What was a directory a moment ago is none any more.
            Ok(Walk::Link { depth, target }) => return Ok(Probe::Link { depth, target }),
            Err(FsError::NotDirectory) => return Ok(Probe::File { depth: deep }),
            Err(FsError::NotFound) => return Ok(Probe::Missing { deep, hides }),
            Err(error) => return Err(error),
        }
        hides = hides || below && has(tree, &at, OPAQUE).await?;
    }
    Ok(Probe::Found(End { directory: (), hides }))
}

async fn has(tree: &dyn Tree, directory: &TreePath, name: &str) -> FsResult<bool> {
    let mut path = directory.clone();
    // A path that is too long for that is nowhere.
    if path.push(name).is_err() {
        return Ok(false);
    }
    found(tree.lookup(&path).await)
}

fn found<T>(looked: FsResult<T>) -> FsResult<bool> {
    match looked {
        // A link whose target nobody can say is there, too.
        Ok(_) | Err(FsError::NotText) => Ok(true),
        Err(FsError::NotFound | FsError::NotDirectory) => Ok(false),
        Err(error) => Err(error),
    }
}

/// After a look at the whole path found nothing, and the walk along it did: it came in between, and is as good as absent.
pub(super) fn without_end<T, D>(probe: Probe<End<D>>) -> Probe<T> {
    match probe {
        Probe::Found(End { hides, .. }) => Probe::Missing { deep: 0, hides },
        Probe::Link { depth, target } => Probe::Link { depth, target },
        Probe::File { depth } => Probe::File { depth },
        Probe::Missing { deep, hides } => Probe::Missing { deep, hides },
    }
}
