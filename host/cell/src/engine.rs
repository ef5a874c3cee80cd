//! The engine of a process: compiler, allocator, linker and preemption tick.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lru::LruCache;
use tokio::sync::{OnceCell, Semaphore};
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, InstanceAllocationStrategy, PoolingAllocationConfig, WasmBacktraceDetails};

use crate::cache::CodeCache;
use crate::compiler::{Compiler, Process, refused};
use crate::error::CellError;
use crate::limits;
use crate::program::{ContentId, Program, check_header};
use crate::shape;
use crate::state::CellState;

/// How an engine is set up.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Where compiled code is kept, a directory that is private to the user; nowhere where there is none.
    pub cache: Option<PathBuf>,
    /// Compile for debugging: backtraces name files and lines.
    pub debug: bool,
    /// How long one compilation may take, see [`COMPILE_TIME`](limits::COMPILE_TIME).
    pub compile_time: Duration,
    /// What compiles in a process of its own. Where there is nothing, this process does, and goes on when the time is over.
    pub compiler: Option<Compiler>,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self { cache: None, debug: false, compile_time: limits::COMPILE_TIME, compiler: None }
    }
}

/// The engine. There is one in a process: each pooled stack is two mappings, and a process has a limited number.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    engine: wasmtime::Engine,
    linker: Linker<CellState>,
    cache: Option<CodeCache>,
    programs: Mutex<Programs>,
    compiling: Arc<Semaphore>,
    compile_time: Duration,
    compiler: Option<Compiler>,
}

type Programs = LruCache<ContentId, Arc<OnceCell<Program>>>;

impl Engine {
    /// Sets up the engine and starts its tick.
    ///
    /// # Errors
    /// Where the processor is not supported or address space is short even without the pool.
    pub fn new(config: &EngineConfig) -> Result<Self, CellError> {
        let engine = wasmtime_engine(config.debug).map_err(CellError::Engine)?;
        start_tick(&engine).map_err(|error| CellError::Engine(error.into()))?;
        let mut linker = Linker::new(&engine);
        link(&mut linker).map_err(CellError::Engine)?;
        let cache = config.cache.as_ref().map(|folder| CodeCache::open(folder, &engine)).transpose()?;
        Ok(Self(Arc::new(Inner {
            engine,
            linker,
            cache,
            programs: Mutex::new(LruCache::new(NonZeroUsize::new(limits::PROGRAMS_KEPT).unwrap_or(NonZeroUsize::MIN))),
            compiling: Arc::new(Semaphore::new(limits::COMPILATIONS)),
            compile_time: config.compile_time,
            compiler: config.compiler.clone(),
        })))
    }

    pub(crate) fn wasmtime(&self) -> &wasmtime::Engine {
        &self.0.engine
    }

    /// The program that `bytes` are, compiled at most once in this process, and not at all where the code is cached.
    ///
    /// # Errors
    /// Where the bytes are no component, are too many, or import what nobody provides.
    pub async fn program(&self, bytes: &[u8]) -> Result<Program, CellError> {
        check_header(bytes)?;
        let id = ContentId::of(bytes);
        let slot = {
            let mut programs = self.0.programs.lock().unwrap_or_else(PoisonError::into_inner);
            programs.get_or_insert(id, Arc::default).clone()
        };
        slot.get_or_try_init(|| self.load(id, bytes)).await.cloned()
    }

    async fn load(&self, id: ContentId, bytes: &[u8]) -> Result<Program, CellError> {
        let cached = self.0.cache.as_ref().and_then(|cache| cache.load(&self.0.engine, id));
        let component = match cached {
            Some(component) => component,
            None => self.compile(id, bytes).await?,
        };
        Program::link(self.clone(), id, &component, &self.0.linker)
    }

    /// Compiles off the RPC thread.
    async fn compile(&self, id: ContentId, bytes: &[u8]) -> Result<Component, CellError> {
        // The semaphore is never closed.
        let permit = self.0.compiling.clone().acquire_owned().await;
        let engine = self.clone();
        let bytes = bytes.to_vec();
        let process = Arc::<Process>::default();
        // When nobody waits for it any more.
        let _end = End(process.clone());
        let compiled = tokio::task::spawn_blocking(move || {
            // Until it ends, which it does late where it has no process of its own.
            let _permit = permit;
            engine.compile_here(id, &bytes, &process)
        });
        let limit = self.0.compile_time;
        match tokio::time::timeout(limit, compiled).await {
            Err(_) => Err(CellError::CompileTime { limit: humantime::format_duration(limit) }),
            Ok(Ok(result)) => result,
            Ok(Err(error)) => Err(CellError::Compiler(error.to_string())),
        }
    }

    fn compile_here(&self, id: ContentId, bytes: &[u8], process: &Process) -> Result<Component, CellError> {
        shape::check(bytes)?;
        let (engine, cache) = (&self.0.engine, &self.0.cache);
        let code = match &self.0.compiler {
            Some(compiler) => compiler.compile(bytes, process)?,
            None => engine.precompile_component(bytes).map_err(|error| refused(&error))?,
        };
        // SAFETY: it is code that this engine's compiler has just made, here or in a process of this program's own; the
        // engine checks that version and settings are its own.
        let component = unsafe { Component::deserialize(engine, &code) }.map_err(|error| refused(&error))?;
        if let Some(cache) = cache {
            cache.store(id, &code);
        }
        Ok(component)
    }
}

/// Ends a compilation when it is dropped.
struct End(Arc<Process>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// An engine that compiles what [`Engine`] runs, and runs nothing.
pub(crate) fn compiling_engine(debug: bool) -> wasmtime::Result<wasmtime::Engine> {
    wasmtime::Engine::new(&config(debug))
}

fn wasmtime_engine(debug: bool) -> wasmtime::Result<wasmtime::Engine> {
    let mut config = config(debug);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool()));
    match wasmtime::Engine::new(&config) {
        Ok(engine) => Ok(engine),
        Err(error) => {
            tracing::warn!(target: "ww::cell", "no pool for cells, starting them is slower: {error:#}");
            config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
            wasmtime::Engine::new(&config)
        }
    }
}

fn config(debug: bool) -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        // Component-model async is not used, and without it a call costs half.
        .concurrency_support(false)
        .max_wasm_stack(limits::WASM_STACK)
        .async_stack_size(limits::ASYNC_STACK)
        .debug_info(debug)
        .wasm_backtrace_details(if debug { WasmBacktraceDetails::Enable } else { WasmBacktraceDetails::Disable });
    config
}

fn pool() -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(limits::CELLS)
        // A guest of the wasip2 target is three core instances, one memory and two tables.
        .total_core_instances(limits::CELLS * 4)
        .total_memories(limits::CELLS)
        .total_tables(limits::CELLS * 2)
        .total_stacks(limits::CELLS)
        .max_memory_size(limits::MOST_MEMORY)
        .table_elements(limits::TABLE_ELEMENTS)
        // All of a component's may be in one module.
        .max_memories_per_module(limits::MEMORIES as u32)
        .max_tables_per_module(limits::TABLES as u32)
        .max_core_instance_size(limits::INSTANCE_BYTES)
        .max_component_instance_size(limits::INSTANCE_BYTES)
        .max_core_instances_per_component(limits::INSTANCES as u32)
        .max_memories_per_component(limits::MEMORIES as u32)
        .max_tables_per_component(limits::TABLES as u32);
    pool
}

/// One thread advances the engine's clock, so that a guest that computes yields at every tick. It ends with the engine.
fn start_tick(engine: &wasmtime::Engine) -> std::io::Result<()> {
    let engine = engine.weak();
    std::thread::Builder::new().name("ww-tick".into()).spawn(move || {
        while let Some(engine) = engine.upgrade() {
            // Before the guests hear of it, who then ask whether it was theirs.
            crate::look::tick();
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(limits::TICK);
        }
    })?;
    Ok(())
}

/// All that a guest can import.
fn link(linker: &mut Linker<CellState>) -> wasmtime::Result<()> {
    crate::wasi::add_to_linker(linker)?;
    crate::fs::add_to_linker(linker)?;
    crate::calls::add_to_linker(linker)?;
    crate::connection::add_to_linker(linker)
}
