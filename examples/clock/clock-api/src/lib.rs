//! The interface of `clock`, for those who use it and for what supplies it. The schema, `clock.capnp`, is the reference.

#[allow(clippy::all, clippy::unwrap_used, missing_docs, reason = "generated code")]
pub mod clock_capnp;

pub use clock_capnp::{clock, listener, ticker, timer};
