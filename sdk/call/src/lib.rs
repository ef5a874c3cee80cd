//! Capability calls as messages.
//!
//! Both sides of every border inside a process (host and cell, host and native plugin) speak in calls: a target, an
//! interface id, a method id and a message go in; a message, an error or a promise of one comes out. This crate holds
//! what both sides need for that, and nothing of any particular border:
//!
//! - [`Message`]: the words of a Cap'n Proto message together with the capabilities that it carries;
//! - [`Target`]: what can be called with a message. [`local`](mod@local) makes one of a server that was generated from a
//!   schema, [`foreign`] of any other Cap'n Proto client, [`Deferred`] of a capability that is still to come;
//! - [`Proxy`]: the other direction, a Cap'n Proto client over any target, so that generated code calls it unchanged;
//! - [`table`] and [`wire`]: the numbers under which objects are known across a border, and how outcomes and events are
//!   written as words.
//!
//! A call is dispatched when it is made, and its promise polled once in place. Where the answer is there, nobody waits,
//! allocates a task or switches to one.
//!
//! Deliberately absent: wasm, native libraries, sockets, threads, any executor, any authority check. Who may call what is
//! the membrane's business; this crate carries what it is given.

pub mod broken;
pub mod deferred;
mod dispatch;
pub mod foreign;
pub mod limits;
pub mod local;
mod message;
mod pending;
mod proxy;
mod queue;
mod request;
mod scratch;
pub mod table;
mod target;
pub mod wire;

pub use broken::broken_client;
pub use deferred::{Awaited, Deferred};
pub use dispatch::shield;
pub use foreign::target;
pub use local::{new_client, new_client_from_rc};
pub use message::{Caps, Kept, Message, Segments};
pub use pending::{EarlyPipeline, Pending, PendingCall, ops_of, path_of};
pub use proxy::{Proxy, target_of};
pub use target::{Answer, Call, Target};
