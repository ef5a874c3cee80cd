//! Where a path of the guest leads.
//!
//! A [`Way`] holds a path that is being resolved. The caller takes the next stretch of it, asks the namespace for what
//! lies there, and hands back a link that it met; the way then leads through the link:
//!
//! - an absolute target starts at the guest's root, a relative one in the directory that the link is in;
//! - `..` above the guest's root is not permitted, and neither is one that the guest itself writes to get above the
//!   directory that it started from, as WASI has it; a link may lead there;
//! - a path leads through at most [`MAX_HOPS`] links.

use super::error::{FsError, FsResult};
use super::limits::MAX_HOPS;
use super::namespace::Namespace;
use super::path::{Step, Steps, TreePath};
use super::tree::{Entry, Kind, Walk};
use std::collections::VecDeque;

/// A path on its way to what it names.
pub(crate) struct Way {
    /// Where it started.
    base: TreePath,
    /// As far as it is resolved, then the stretch that was handed out.
    path: TreePath,
    rest: VecDeque<Step>,
    hops: usize,
    directory: bool,
}

impl Way {
    /// The way of `text` from the directory `base`.
    pub(crate) fn new(base: &TreePath, text: &str) -> FsResult<Self> {
        let steps = Steps::of_guest(text)?;
        if steps.absolute {
            return Err(FsError::NotPermitted);
        }
        let (base, path) = (base.clone(), base.clone());
        Ok(Self { base, path, rest: steps.steps, hops: 0, directory: steps.directory })
    }

    /// Whether the path can only mean a directory.
    pub(crate) fn wants_directory(&self) -> bool {
        self.directory
    }

    /// The whole path, with no `..` in it any more; there may be links on it.
    pub(crate) async fn next(&mut self, namespace: &Namespace) -> FsResult<&TreePath> {
        while let Some(step) = self.rest.pop_front() {
            match step {
                Step::Down(name) => self.path.push(&name)?,
                Step::Up | Step::LinkUp => self.up(namespace, step).await?,
            }
        }
        Ok(&self.path)
    }

    /// Goes up. What the path leads to so far must be a directory, or the link to one, which is a different way up.
    async fn up(&mut self, namespace: &Namespace, step: Step) -> FsResult<()> {
        match namespace.lookup(&self.path).await? {
            Walk::Done(Entry { kind: Kind::Directory, .. }) => {
                let leaves = step == Step::Up && self.path == self.base;
                if leaves || !self.path.pop() { Err(FsError::NotPermitted) } else { Ok(()) }
            }
            Walk::Done(Entry { kind: Kind::File { .. }, .. }) => Err(FsError::NotDirectory),
            Walk::Done(Entry { kind: Kind::Link { target }, .. }) => {
                self.rest.push_front(step);
                self.follow(self.path.depth(), &target)
            }
            Walk::Link { depth, target } => {
                self.rest.push_front(step);
                self.follow(depth, &target)
            }
        }
    }

    /// Goes on through the link that the first `depth` names of the path lead to.
    pub(crate) fn follow(&mut self, depth: usize, target: &str) -> FsResult<()> {
        self.hops += 1;
        if self.hops > MAX_HOPS {
            return Err(FsError::Loop);
        }
        let steps = Steps::of_link(target)?;
        let names: Vec<String> = self.path.names().map(str::to_owned).collect();
        let (before, behind) = names.split_at(depth.min(names.len()));

        self.directory |= steps.directory && behind.is_empty() && self.rest.is_empty();
        for name in behind.iter().rev() {
            self.rest.push_front(Step::Down(name.clone()));
        }
        for step in steps.steps.into_iter().rev() {
            self.rest.push_front(step);
        }
        self.path = TreePath::root();
        if !steps.absolute {
            let parent = before.split_last().map_or(before, |(_, parent)| parent);
            parent.iter().try_for_each(|name| self.path.push(name))?;
        }
        Ok(())
    }
}
