//! The ww node: what the `ww` binary is made of.
//!
//! - [`identity`]: the key that a node is known by, and the file that holds it.
//! - [`swarm`]: the node's connections to its peers.
//! - [`host_capability`]: the node as a guest sees it.

pub mod host_capability;
pub mod identity;
pub mod swarm;
