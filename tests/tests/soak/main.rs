//! What a node does all its life, again and again: afterwards it has no more of the machine than before.
//!
//! `cargo xtask soak` runs the full counts. Each test has the process for itself, and says what it has measured.

mod advances;
mod alone;
#[path = "../../bench/src/bench_capnp.rs"]
#[allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::all,
    clippy::allow_attributes_without_reason,
    clippy::unimplemented,
    clippy::unwrap_used,
    reason = "generated code"
)]
mod bench_capnp;
mod borders;
mod crowd;
mod held;
mod node;
#[path = "../../bench/src/provider.rs"]
mod provider;
mod spawns;
