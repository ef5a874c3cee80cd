//! Why there are no bindings.

use std::io;

/// Why there are no bindings.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no schema compiler on this machine.
    #[error("the schema compiler `capnp` was not found")]
    NoCompiler,
    /// The schema compiler cannot be run.
    #[error("run the schema compiler `capnp`")]
    Run(#[source] io::Error),
    /// The schema compiler does not take a schema: its own words, a line each.
    #[error("{0}")]
    Refused(String),
    /// What the schema compiler gave makes no bindings.
    #[error("generate the bindings: {0}")]
    Generate(String),
    /// Bindings cannot be kept for a moment on the disk.
    #[error("write the bindings")]
    Write(#[source] io::Error),
}
