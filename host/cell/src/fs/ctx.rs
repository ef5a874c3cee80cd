//! The file tree of one cell: how it is set up, and how the host functions reach it.

use super::area::Home;
use super::bindings::{preopens, types};
use super::budget::Budget;
use super::limits::FsLimits;
use super::namespace::Namespace;
use super::offload;
use super::slots::Slots;
use super::tree::Tree;
use std::sync::Arc;
use wasmtime::component::{HasData, Linker, ResourceTable};

/// What a cell's file tree is made of.
pub struct FsConfig {
    /// The image, which the guest sees as `/`, read-only. Its `tmp` and `var` are hidden by the two writable directories.
    pub image: Arc<dyn Tree>,
    /// What becomes `/var`.
    pub var: Home,
    /// What becomes `/tmp`.
    pub tmp: Home,
    /// What the cell may use.
    pub limits: FsLimits,
    /// Bytes that the cell's whole tree of cells may keep on disk, if that is limited.
    pub tree_disk: Option<Arc<Budget>>,
}

impl FsConfig {
    /// An image, private `/tmp` and `/var` in the host's temporary directory, and the standard limits.
    pub fn new(image: Arc<dyn Tree>) -> Self {
        let private = Home::Private(std::env::temp_dir());
        Self { image, var: private.clone(), tmp: private, limits: FsLimits::default(), tree_disk: None }
    }
}

/// The file tree of one cell.
pub struct FsCtx {
    pub(crate) namespace: Namespace,
    pub(crate) descriptors: Slots,
    pub(crate) streams: Slots,
    disk: Arc<Budget>,
    /// Last, so that it is dropped last.
    _end: offload::FlushAtEnd,
}

impl FsCtx {
    /// Sets a file tree up. Touches nothing on the disk.
    pub fn new(config: FsConfig) -> Self {
        let FsConfig { image, var, tmp, limits, tree_disk } = config;
        let disk = match &tree_disk {
            Some(tree) => Budget::within(tree, limits.disk),
            None => Budget::new(limits.disk),
        };
        let entries = Budget::new(limits.entries);
        Self {
            namespace: Namespace::new(image, tmp, var, &disk, &entries),
            descriptors: Slots::new(limits.descriptors),
            streams: Slots::new(limits.streams),
            disk,
            _end: offload::FlushAtEnd,
        }
    }

    /// Bytes that `/tmp` and `/var` hold, as far as this cell put or counted them there.
    pub fn disk_used(&self) -> u64 {
        self.disk.used()
    }
}

/// Access to a cell's file tree and to the table of its resources.
pub struct FsCtxView<'a> {
    /// The file tree.
    pub ctx: &'a mut FsCtx,
    /// The resources of the guest.
    pub table: &'a mut ResourceTable,
}

/// The data of a store whose guest has a file tree.
pub trait FsView: Send + 'static {
    /// The file tree and the table.
    fn fs(&mut self) -> FsCtxView<'_>;
}

struct HasFs;

impl HasData for HasFs {
    type Data<'a> = FsCtxView<'a>;
}

/// Adds `wasi:filesystem/types` and `wasi:filesystem/preopens` to a linker, for guests built against any 0.2 version of
/// them.
pub fn add_to_linker<T: FsView>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    types::add_to_linker::<T, HasFs>(linker, T::fs)?;
    preopens::add_to_linker::<T, HasFs>(linker, T::fs)
}
