//! What a cell's store holds.

use std::rc::Rc;

use send_wrapper::SendWrapper;
use wasmtime::ResourceLimiter;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use crate::calls::Calls;
use crate::fs::{FsCtx, FsCtxView, FsView};
use crate::limit::Limit;
use crate::limiter::Limiter;
use crate::limits;

/// The state of one cell, as its host functions see it.
pub(crate) struct CellState {
    table: ResourceTable,
    wasi: WasiCtx,
    fs: FsCtx,
    limiter: Limiter,
    /// A cell never leaves its thread; the wrapper says so to a library that has to ask.
    calls: SendWrapper<Rc<Calls>>,
}

impl CellState {
    pub(crate) fn new(wasi: WasiCtx, fs: FsCtx, limiter: Limiter, calls: Rc<Calls>) -> Self {
        let mut table = ResourceTable::new();
        table.set_max_capacity(limits::RESOURCES);
        Self { table, wasi, fs, limiter, calls: SendWrapper::new(calls) }
    }

    pub(crate) fn calls(&self) -> &Rc<Calls> {
        &self.calls
    }

    pub(crate) fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }

    pub(crate) fn limiter(&mut self) -> &mut dyn ResourceLimiter {
        &mut self.limiter
    }

    /// What it was refused last, where it was not given more since.
    pub(crate) fn refused(&self) -> Option<&Limit> {
        self.limiter.refused()
    }
}

impl WasiView for CellState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl FsView for CellState {
    fn fs(&mut self) -> FsCtxView<'_> {
        FsCtxView { ctx: &mut self.fs, table: &mut self.table }
    }
}
