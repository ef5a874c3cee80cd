//! Arguments of the verb by which a node starts its compiler: this program once more. It is no user's.

use std::io;
use std::path::PathBuf;

use clap::Args;
use ww_cell::compiler::Compiler;
use ww_cell::limits::COMPILE_MEMORY;

use super::Limits;

/// The verb.
pub const COMPILE: &str = "compile-for-node";

/// Arguments of the verb.
#[derive(Debug, Args)]
pub struct CompileArgs {
    /// Bytes of memory that it may take
    pub memory: u64,

    /// Keep what a backtrace names files and lines by
    #[arg(long)]
    pub wasm_debug: bool,
}

/// What compiles for a node, within these limits.
///
/// # Errors
/// Where this program is not found.
pub(crate) fn compiler(limits: Limits, wasm_debug: bool) -> io::Result<Compiler> {
    let memory = limits.compile_memory.unwrap_or(COMPILE_MEMORY);
    let mut args = vec![COMPILE.into(), memory.to_string().into()];
    args.extend(wasm_debug.then(|| "--wasm-debug".into()));
    Ok(Compiler { program: program()?, args, memory })
}

/// This program: the very file that runs, also where an update has replaced it.
pub(crate) fn program() -> io::Result<PathBuf> {
    if cfg!(target_os = "linux") { Ok("/proc/self/exe".into()) } else { std::env::current_exe() }
}
