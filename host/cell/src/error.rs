//! What can go wrong before a guest runs.

use std::path::PathBuf;

/// Why a cell could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CellError {
    /// The engine cannot be set up.
    #[error("engine: {0:#}")]
    Engine(wasmtime::Error),
    /// The file is longer than a component may be.
    #[error("component: it has {bytes} bytes, the limit is {limit}")]
    TooLarge {
        /// How long it is.
        bytes: u64,
        /// How long it may be.
        limit: u64,
    },
    /// The bytes are no WebAssembly at all, or the file was cut.
    #[error("component: {0}")]
    Malformed(String),
    /// Compiling it takes too long.
    #[error("component: it takes longer to compile than {limit}, which is the limit")]
    CompileTime {
        /// How long it may take.
        limit: humantime::FormattedDuration,
    },
    /// The bytes are a core module.
    #[error(
        "component: this is a core WebAssembly module; a guest is a component (build for wasm32-wasip2, not wasip1)"
    )]
    CoreModule,
    /// The component imports something that nobody provides.
    #[error("component: it imports '{import}', which nobody provides here")]
    MissingImport {
        /// The import's name.
        import: String,
    },
    /// The component is no program.
    #[error("component: it has no main function (it does not export wasi:cli/run)")]
    NoMain,
    /// The component cannot be linked.
    #[error("component: {0:#}")]
    Link(wasmtime::Error),
    /// The cell cannot be allocated.
    #[error("cell '{name}': {source:#}")]
    Start {
        /// The cell's name.
        name: String,
        /// What the allocator says.
        source: wasmtime::Error,
    },
    /// The code cache cannot be used.
    #[error("code cache {path}: {source}", path = path.display())]
    Cache {
        /// Where it is.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The cell's files cannot be set up.
    #[error("files: {0}")]
    Files(std::io::Error),
}
