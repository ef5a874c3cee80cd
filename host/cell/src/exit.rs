//! How a cell ended.

use wasmtime::component::ResourceTableError;
use wasmtime::{Error, PoolConcurrencyLimitError, Trap, WasmBacktrace};

use crate::limit::{Limit, LimitKind};
use crate::limiter::bytes;
use crate::limits::{CELLS, HOST_CALL_BYTES, RANDOM_BYTES, RESOURCES, WASM_STACK};

/// How a cell ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this status.
    Code(i32),
    /// By a trap: what happened, and where, a line a frame.
    Trap {
        /// What happened.
        reason: String,
        /// The frames, innermost first, as far as they are known.
        backtrace: Option<String>,
        /// What it was refused just before, which is most likely why.
        refused: Option<Limit>,
    },
    /// By a limit.
    Limit(Limit),
}

impl Exit {
    /// What a run of the guest's `main` came to. `refused` is what it was refused last.
    pub(crate) fn of(result: wasmtime::Result<Result<(), ()>>, refused: Option<&Limit>) -> Self {
        let error = match result {
            Ok(Ok(())) => return Self::Code(0),
            Ok(Err(())) => return Self::Code(1),
            Err(error) => error,
        };
        // `proc_exit` is an exit, not a failure, though it unwinds like one.
        if let Some(exit) = error.downcast_ref::<wasmtime_wasi::I32Exit>() {
            return Self::Code(exit.0);
        }
        if let Some(limit) = limit_in(&error) {
            return Self::Limit(limit);
        }
        let backtrace = error.downcast_ref::<WasmBacktrace>().map(ToString::to_string);
        Self::Trap { reason: reason(&error), backtrace, refused: refused.cloned() }
    }

    /// What became of a guest that could not even start.
    pub(crate) fn of_start(error: Error, refused: Option<&Limit>) -> Self {
        match refused {
            Some(limit) if error.downcast_ref::<Trap>().is_none() => Self::Limit(limit.clone()),
            _ => Self::of(Err(error), refused),
        }
    }
}

fn reason(error: &Error) -> String {
    match error.downcast_ref::<Trap>() {
        Some(Trap::StackOverflow) => format!("call stack exhausted, the limit is {}", bytes(WASM_STACK)),
        Some(trap) => trap.to_string().trim_start_matches("wasm trap: ").to_owned(),
        None => error.root_cause().to_string(),
    }
}

/// The limit that an error means, where it means one.
fn limit_in(error: &Error) -> Option<Limit> {
    let resources = || Limit::new(LimitKind::Resources, format!("resources: the limit is {RESOURCES} at once"));
    if let Some(ResourceTableError::Full) = error.downcast_ref::<ResourceTableError>() {
        return Some(resources());
    }
    if error.downcast_ref::<PoolConcurrencyLimitError>().is_some() {
        // Of instances, tables and memories there is room for as many as those of that many cells that tools make.
        let text =
            format!("cells: the limit is {CELLS} on one node, and lower where they have many tables or memories");
        return Some(Limit::new(LimitKind::Cells, text));
    }
    // There is no type to tell these by.
    let cause = error.root_cause().to_string();
    if cause.ends_with("store handle limit exceeded") {
        return Some(resources());
    }
    if cause.starts_with("requested len ") && cause.ends_with(&format!(" exceeds limit {RANDOM_BYTES}")) {
        let limit = bytes(RANDOM_BYTES as usize);
        return Some(Limit::new(LimitKind::Random, format!("random bytes: the limit is {limit} in one call")));
    }
    if cause.contains("fuel allocated for hostcalls") {
        let limit = bytes(HOST_CALL_BYTES);
        let text = format!("host call: one call passed more than the host takes at once, the limit is {limit}");
        return Some(Limit::new(LimitKind::HostCall, text));
    }
    None
}
