//! How a cell ended.

use wasmtime::WasmBacktrace;

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
    },
    /// By a limit: the text names it and its value.
    Limit(String),
}

impl Exit {
    /// What a run of the guest's `main` came to.
    pub(crate) fn of(result: wasmtime::Result<Result<(), ()>>) -> Self {
        let error = match result {
            Ok(Ok(())) => return Self::Code(0),
            Ok(Err(())) => return Self::Code(1),
            Err(error) => error,
        };
        // `proc_exit` is an exit, not a failure, though it unwinds like one.
        if let Some(exit) = error.downcast_ref::<wasmtime_wasi::I32Exit>() {
            return Self::Code(exit.0);
        }
        if let Some(limit) = error.downcast_ref::<LimitReached>() {
            return Self::Limit(limit.0.clone());
        }
        let backtrace = error.downcast_ref::<WasmBacktrace>().map(ToString::to_string);
        let reason = match error.downcast_ref::<wasmtime::Trap>() {
            Some(trap) => trap.to_string().trim_start_matches("wasm trap: ").to_owned(),
            None => error.root_cause().to_string(),
        };
        Self::Trap { reason, backtrace }
    }
}

/// A limit that ends the cell, as an error that passes through the guest.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub(crate) struct LimitReached(pub(crate) String);
