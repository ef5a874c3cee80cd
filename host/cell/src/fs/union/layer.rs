//! The layers of a union, in the order in which they are looked at.

use super::super::local::LocalTree;
use super::super::tree::{ObjectId, Tree};
use cap_std::fs::Dir;
use std::sync::Arc;

/// All layers, from the highest down.
pub(super) struct Layers(Vec<Run>);

/// Layers next to each other that are looked at together.
pub(super) enum Run {
    /// Directories of this machine: in one hop.
    Local(Arc<[Local]>),
    /// One that comes from elsewhere.
    Foreign(Foreign),
}

/// A layer that is a directory of this machine.
pub(super) struct Local {
    pub(super) root: Arc<Dir>,
    pub(super) rank: Rank,
}

/// A layer of any other kind.
pub(super) struct Foreign {
    pub(super) tree: Arc<dyn Tree>,
    pub(super) rank: Rank,
}

/// Which layer it is, counted from the lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rank(pub(super) usize);

impl Rank {
    /// Whether there is a layer below that this one can remove something from.
    pub(super) fn has_below(self) -> bool {
        self.0 > 0
    }

    /// The number of an object in this layer. Trees count their objects each for itself, and a directory that is in two
    /// layers, at different paths, stands for two merged ones: so no number of one layer is in another.
    pub(super) fn id(self, id: ObjectId) -> ObjectId {
        // The top byte: devices have small numbers, and of a hash enough is left.
        ObjectId(id.0 ^ ((self.0 as u64) << 56), id.1)
    }
}

impl Layers {
    pub(super) fn new(trees: Vec<Arc<dyn Tree>>) -> Self {
        let mut runs = Vec::new();
        let mut local = Vec::new();
        for (index, tree) in trees.into_iter().enumerate().rev() {
            let rank = Rank(index);
            match tree.as_local().map(LocalTree::root) {
                Some(root) => local.push(Local { root: root.clone(), rank }),
                None => {
                    close(&mut local, &mut runs);
                    runs.push(Run::Foreign(Foreign { tree, rank }));
                }
            }
        }
        close(&mut local, &mut runs);
        Self(runs)
    }

    pub(super) fn runs(&self) -> &[Run] {
        &self.0
    }
}

fn close(local: &mut Vec<Local>, runs: &mut Vec<Run>) {
    if !local.is_empty() {
        runs.push(Run::Local(std::mem::take(local).into()));
    }
}
