//! The Cap'n Proto bindings of ww's schemas: generated code, and no logic.
//!
//! [`stem_capnp`] is authority, how a guest comes by its capabilities; [`system_capnp`] is what a node offers;
//! [`provider_capnp`] is what supplies capabilities; [`control_capnp`] is for a node's operator. What the interfaces
//! mean, their units and their errors, is written in the schemas beside this crate's `src`.
//!
//! The files are written by `cargo xtask codegen` and committed, so that neither a user of ww nor an author of guests
//! needs the schema compiler. Never edit them by hand: a test generates them again and compares.

pub mod control_capnp;
pub mod provider_capnp;
pub mod stem_capnp;
pub mod system_capnp;
