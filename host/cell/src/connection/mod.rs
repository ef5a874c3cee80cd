//! Capability calls over byte streams: the host's side of `wetware:cell/connection`, for guests of any language.
//!
//! The host and the guest speak two-party Cap'n Proto RPC over two pipes in memory. The library's own network bounds
//! nothing of it, so there is one of ours: `frame` refuses what is too long before there is room for it, and `meter` counts
//! what a guest has outstanding.

mod answers;
mod frame;
mod linker;
mod meter;
mod network;
mod outbox;
mod references;
mod rpc;
mod wire;

pub(crate) use linker::add_to_linker;
pub(crate) use rpc::Rpc;
