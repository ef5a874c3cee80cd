//! Authority: named capabilities, grafts, and the guards around everything that leaves.
//!
//! A [`Membrane`] holds the capabilities that are configured for one caller. The caller grafts onto it and receives
//! them by name, each behind a guard. The guard is the one place where authority is checked: no provider checks an
//! epoch, and nothing that was reached through a guarded capability is unguarded.
//!
//! - [`Registry`]: names, and the [`Source`] that supplies each;
//! - [`Grants`]: which of the names a caller may graft;
//! - [`Authority`]: the epoch of the node; when it advances, every capability granted before is dead;
//! - [`Tenure`]: what a provider itself may use, and how long;
//! - [`Worker`]: what the guards of one thread share, and what becomes of a capability that crosses;
//! - [`guard`]: the guard itself; [`policy`]: what it enforces; [`rules`]: its rules, one by one.
//!
//! Each party, a provider or a caller, has objects of its own, and holds those of others behind guards. A policy is the
//! way from one party to another; see [`Policy`](policy::Policy) for how ways are turned round and put together. So it
//! makes no difference who handed what to whom, or how often: there is one guard, and it says all that was said.
//!
//! Deliberately absent: wasm, the network, any provider, any interface but the Membrane's own. Guards work on messages,
//! for interfaces that nobody here has heard of.

mod epoch;
mod flight;
mod grants;
pub mod guard;
mod life;
mod membrane;
mod mortals;
mod name;
pub mod policy;
mod registry;
mod restriction;
mod revoker;
pub mod rules;
mod tenure;
mod transfer;
mod worker;

pub use epoch::Authority;
pub use grants::Grants;
pub use membrane::Membrane;
pub use name::{Name, NameError};
pub use policy::Party;
pub use registry::{Caller, DuplicateName, NotConfigured, Registry, Source};
pub use tenure::{Granted, Tenure};
pub use worker::Worker;
