//! Sandboxed cells.
//!
//! A cell is one running instance of a guest component, with its limits, its stdio, its file tree and its calls. This
//! crate turns bytes into programs and programs into cells:
//!
//! - [`Engine`]: the one compiler and allocator of the process, its code cache, its preemption tick;
//! - [`Program`]: a component that is compiled and linked, ready to start any number of cells;
//! - [`Cell`]: one of them, from its start to its [`Exit`];
//! - [`calls`]: what a guest calls and is called by, see `wit/wetware.wit`; in place, or by RPC over byte streams;
//! - [`fs`]: the guest's file tree; [`pipe`] and [`stdio`]: its bytes.
//!
//! A cell lives on one thread, in a `LocalSet`, with everything that it holds. What it may do is the capability that it
//! is started with; this crate asks nobody for authority and grants none. It knows no provider, no network and no
//! configuration.

mod cache;
pub mod calls;
mod cell;
pub mod compiler;
mod connection;
mod engine;
mod error;
mod exit;
pub mod fs;
mod limit;
mod limiter;
pub mod limits;
mod look;
mod meter;
pub mod pipe;
mod program;
mod shape;
mod state;
pub mod stdio;
mod turn;
mod wasi;

pub use cell::{Afterwards, Cell, CellConfig, Closer, Holdings};
pub use engine::{Engine, EngineConfig};
pub use error::CellError;
pub use exit::Exit;
pub use limit::{Limit, LimitKind};
pub use limits::CellLimits;
pub use program::Program;
