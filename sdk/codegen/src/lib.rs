//! Bindings of schemas as they are committed, so that whoever builds with them needs no schema compiler.
//!
//! The schema compiler, `capnp`, is a program of its own: it reads schemas, and gives a [`Request`]. Making bindings of that
//! takes no further program.

mod compile;
mod error;
mod head;
mod request;
mod system;

pub use compile::compile;
pub use error::Error;
pub use request::{Bindings, Request};
pub use system::SYSTEM_IDS;
