//! The native carrier of capability calls: the contract on one side, [`Target`](ww_call::Target)s on the other.
//!
//! Node and plugin use the same code, each in a copy of its own. A [`Border`] is one side's view of one instance:
//!
//! - `export`: objects of ours that the other side holds, and calls of them that are pending;
//! - `import`: objects of the other side's, and our calls of them that are pending;
//! - `message` and `text`: what crosses, in either direction, copied once at most;
//! - `queue`: a node makes the calls that a plugin makes of it in its own turn, never on the plugin's stack, so that
//!   chains of calls do not nest and nobody is called in the middle of something;
//! - `activity`: what a plugin is doing right now;
//! - `start` and `services`: how an instance begins, and what the node does for it.

mod activity;
mod border;
mod entry;
mod export;
mod flight;
mod import;
mod message;
mod pull;
mod queue;
mod services;
mod start;
mod task;
mod text;
mod waker;

pub use activity::{Activity, Doing};
pub use border::Border;
pub use entry::{Directly, Entry};
pub use queue::{CALL_BYTES, HELD_BYTES};
pub use services::{HostServices, Services};
pub use start::{Started, connect, start};
