//! The same component in plain wasmtime with wasmtime-wasi: what cells are compared with.

use std::path::Path;

use anyhow::{Context, Result, bail};
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store, UpdateDeadline};
use wasmtime_wasi::p2::bindings::CommandPre;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use ww_cell::limits;

/// How the names of a node's own interfaces begin.
const NODE: &str = "wetware:";

/// Bytes that a guest may print.
const OUTPUT_BYTES: usize = 4096;

/// A component that is compiled and linked, with nothing of ours.
pub(crate) struct Bare {
    engine: Engine,
    command: CommandPre<State>,
}

struct State {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl Bare {
    /// Compiles for an engine with the settings that cells run with.
    pub(crate) fn new(component: &[u8]) -> Result<Self> {
        let engine = plain(Engine::new(&config()))?;
        start_tick(&engine);
        let component = plain(Component::new(&engine, component))?;
        Self::link(engine, component)
    }

    /// Loads a component, or what [`compiled`] made of it, as wasmtime's own command does.
    fn load(path: &Path) -> Result<Self> {
        let engine = plain(Engine::new(&as_wasmtime_runs()))?;
        let compiled = path.extension().is_some_and(|it| it == COMPILED);
        let component = plain(if compiled {
            // SAFETY: it is what `compiled` has made for this one run, in a folder of the user's own; the engine checks that
            // it was made by its own version, with its own settings.
            unsafe { Component::deserialize_file(&engine, path) }
        } else {
            Component::from_file(&engine, path)
        })?;
        Self::link(engine, component)
    }

    fn link(engine: Engine, component: Component) -> Result<Self> {
        let mut linker = Linker::new(&engine);
        plain(wasmtime_wasi::p2::add_to_linker_async(&mut linker))?;
        plain(trap_calls(&mut linker, &component))?;
        let command = plain(linker.instantiate_pre(&component).and_then(CommandPre::new))?;
        Ok(Self { engine, command })
    }

    /// Runs it with these arguments, and `root` as `/` where there is one; returns what it printed.
    pub(crate) async fn run(&self, args: &[&str], root: Option<&Path>) -> Result<Vec<u8>> {
        let output = MemoryOutputPipe::new(OUTPUT_BYTES);
        let mut wasi = WasiCtxBuilder::new();
        wasi.arg("bench").args(args).stdout(output.clone()).stderr(output.clone());
        if let Some(root) = root {
            plain(wasi.preopened_dir(root, "/", FsPerms::ReadOnly))?;
        }
        if !self.execute(wasi.build()).await? {
            bail!("the guest failed: {}", String::from_utf8_lossy(&output.contents()));
        }
        Ok(output.contents().to_vec())
    }

    /// Runs it to its end; whether it succeeded.
    async fn execute(&self, wasi: WasiCtx) -> Result<bool> {
        let mut store = Store::new(&self.engine, State { wasi, table: ResourceTable::new() });
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|_| Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now()))));
        let command = plain(self.command.instantiate_async(&mut store).await)?;
        Ok(plain(command.wasi_cli_run().call_run(&mut store).await)?.is_ok())
    }
}

/// Runs a file with this process's standard streams, and nothing else of it.
pub(crate) async fn run_file(path: &Path, args: &[&str]) -> Result<()> {
    let mut wasi = WasiCtxBuilder::new();
    wasi.arg("bench").args(args).inherit_stdio();
    Bare::load(path)?.execute(wasi.build()).await?.then_some(()).context("the guest failed")
}

/// How the name of a file with compiled code ends.
pub(crate) const COMPILED: &str = "cwasm";

/// The code of a component for [`run_file`], to be written to a file whose name says so.
pub(crate) fn compiled(component: &[u8]) -> Result<Vec<u8>> {
    plain(plain(Engine::new(&as_wasmtime_runs()))?.precompile_component(component))
}

/// The settings that wasmtime's own command runs a component with.
fn as_wasmtime_runs() -> Config {
    Config::new()
}

/// What the guest imports from a node is not there; what is measured here does not call it.
fn trap_calls(linker: &mut Linker<State>, component: &Component) -> wasmtime::Result<()> {
    let engine = linker.engine().clone();
    for (name, import) in component.component_type().imports(&engine) {
        let ComponentItem::ComponentInstance(interface) = import.ty else { continue };
        if !name.starts_with(NODE) {
            continue;
        }
        let mut traps = linker.instance(name)?;
        let functions =
            interface.exports(&engine).filter(|(_, export)| matches!(export.ty, ComponentItem::ComponentFunc(_)));
        for (function, _) in functions {
            traps.func_new(function, |_, _, _, _| Err(wasmtime::Error::msg("there is no node")))?;
        }
    }
    Ok(())
}

/// As `ww-cell` sets its own engine up.
fn config() -> Config {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(limits::CELLS)
        .total_core_instances(limits::CELLS * 4)
        .total_memories(limits::CELLS)
        .total_tables(limits::CELLS * 2)
        .total_stacks(limits::CELLS)
        .max_memory_size(limits::MEMORY)
        .table_elements(limits::TABLE_ELEMENTS);
    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .epoch_interruption(true)
        .concurrency_support(false)
        .max_wasm_stack(limits::WASM_STACK)
        .async_stack_size(limits::ASYNC_STACK);
    config
}

fn start_tick(engine: &Engine) {
    let engine = engine.weak();
    std::thread::spawn(move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(limits::TICK);
        }
    });
}

/// Wasmtime's errors are of a type of their own.
fn plain<T>(result: wasmtime::Result<T>) -> Result<T> {
    result.map_err(|error| anyhow::anyhow!("{error:#}"))
}
