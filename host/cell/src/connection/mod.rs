//! Capability calls over byte streams: the host's side of `wetware:cell/connection`, for guests of any language.
//!
//! The host and the guest speak two-party Cap'n Proto RPC over two pipes in memory. [`meter`] counts what goes over the
//! connection, because the library bounds none of it.

mod bytes;
mod linker;
mod meter;
mod rpc;

pub(crate) use linker::add_to_linker;
pub(crate) use rpc::Rpc;
