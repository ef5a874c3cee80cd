//! The control socket: how an operator speaks to a running node.
//!
//! Each node has a socket in its data directory, which only its user can open, and serves `Control` on it. Several nodes
//! may share a data directory.

mod client;
mod server;
mod socket;

pub use client::{Node, nodes};
pub use server::{Commands, Serving, serve};
pub use socket::SocketError;
