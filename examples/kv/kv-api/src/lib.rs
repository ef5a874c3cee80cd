//! The interface of `kv`, for those who use it and for what supplies it. The schema, `kv.capnp`, is the reference.

#[allow(clippy::all, clippy::unwrap_used, missing_docs, reason = "generated code")]
pub mod kv_capnp;

pub use kv_capnp::{cursor, entry, kv, watch, watcher};
