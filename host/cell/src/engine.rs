//! The engine of a process: compiler, allocator, linker and preemption tick.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lru::LruCache;
use tokio::sync::{OnceCell, Semaphore};
use wasmparser::BinaryReaderError;
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, InstanceAllocationStrategy, PoolingAllocationConfig, WasmBacktraceDetails};

use crate::cache::CodeCache;
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
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self { cache: None, debug: false, compile_time: limits::COMPILE_TIME }
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
        let compiled = tokio::task::spawn_blocking(move || {
            // Until it ends, also when nobody waits for it any more: it cannot be stopped.
            let _permit = permit;
            shape::check(&bytes)?;
            let component = Component::new(&engine.0.engine, &bytes).map_err(|error| refused(&error))?;
            if let Some(cache) = &engine.0.cache {
                cache.store(id, &component);
            }
            Ok(component)
        });
        let limit = self.0.compile_time;
        match tokio::time::timeout(limit, compiled).await {
            Err(_) => Err(CellError::CompileTime { limit: humantime::format_duration(limit) }),
            Ok(Ok(result)) => result,
            Ok(Err(error)) => Err(CellError::refused(&error.to_string())),
        }
    }
}

/// Why the compiler does not take a component, without its quotation of the file.
fn refused(error: &wasmtime::Error) -> CellError {
    if let Some(error) = error.downcast_ref::<BinaryReaderError>() {
        return CellError::damaged(error.message());
    }
    // There are no types to tell these by.
    let text = error.root_cause().to_string();
    let line = text.lines().next().unwrap_or_default();
    let invalid = line.strip_prefix("Invalid input WebAssembly code at offset ").and_then(|line| line.split_once(": "));
    if let Some((_, found)) = invalid {
        return CellError::damaged(found);
    }
    let size = line.strip_prefix("instance allocation for this ").and_then(|line| line.split_once(" requires "));
    match size.and_then(|(_, size)| size.split_once(" bytes")?.0.parse().ok()) {
        Some(count) => {
            let what = "bytes of variables, functions and imports";
            CellError::TooMuch { count, what, limit: limits::INSTANCE_BYTES as u64 }
        }
        None => CellError::refused(line),
    }
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
