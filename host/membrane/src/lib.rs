//! Authority: named capabilities, grafts, and the guards around everything that leaves.
//!
//! A [`Membrane`] holds the capabilities that are configured for one caller. The caller grafts onto it and receives
//! them by name, each behind a guard. The guard is the one place where authority is checked: no provider checks an
//! epoch, and nothing that was reached through a guarded capability is unguarded.
//!
//! - [`Registry`]: names, and the [`Source`] that supplies each;
//! - [`Grants`]: which of the names a caller may graft;
//! - [`Authority`]: the epoch of the node; when it advances, every capability granted before is dead;
//! - [`Worker`]: what the guards of one thread share; [`guard`] has the guard itself, [`policy`] what it enforces.
//!
//! Deliberately absent: wasm, the network, any provider, any interface but the Membrane's own. Guards work on messages,
//! for interfaces that nobody here has heard of.

mod epoch;
mod grants;
pub mod guard;
mod lent;
mod membrane;
mod name;
pub mod policy;
mod registry;
mod worker;

pub use epoch::Authority;
pub use grants::Grants;
pub use membrane::Membrane;
pub use name::{Name, NameError};
pub use registry::{Caller, DuplicateName, Registry, Source};
pub use worker::Worker;
