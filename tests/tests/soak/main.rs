//! What a node does all its life, again and again: afterwards it has no more of the machine than before.
//!
//! `cargo xtask soak` runs the full counts. Each test has the process for itself, and says what it has measured.

mod advances;
mod alone;
#[path = "../../bench/src/bench_capnp.rs"]
mod bench_capnp;
mod borders;
mod crowd;
mod held;
mod node;
#[path = "../../bench/src/provider.rs"]
mod provider;
mod spawns;
