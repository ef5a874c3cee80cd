//! The contract between a node and native plugins: what crosses the border between two libraries that may come from
//! different compilers, with different versions of everything.
//!
//! Nothing crosses but words, bytes, function pointers and reference-counted handles:
//!
//! - a [`Root`], the one symbol of a plugin, by which abi_stable checks versions and layouts ([`export_root!`]);
//! - a [`RawCap`], an object of either side: an address and a table of functions, which also tells whose object it is;
//! - a [`RawCall`] on it with a [`RawMessage`], and its [`RawAnswer`]: results, an error, or a [`RawFuture`] of one;
//! - [`RawServices`], what a node does for a plugin: log, run a task, take note that the plugin has failed.
//!
//! # Rules
//!
//! All functions but those of wakers, logging and [`ServicesVtable::fail`] are called on one thread, the worker that
//! started the plugin. Whoever allocates frees: what is handed over comes with its owner's function for that. No function
//! unwinds. Capabilities in a message are handed over with it, one reference each; everybody else's pointers are valid for
//! the duration of a call.
//!
//! The feature `call` adds the `bridge`: the native carrier of capability calls, for either side. A plugin that is
//! written without it needs no Cap'n Proto library.
//!
//! A component is called like any guest, and crosses no such border: built for one, this crate has the number of the
//! contract, the [`manifest!`] macro and the [`Level`]s of lines, which both kinds share, and nothing else.
//!
//! Deliberately absent: what a provider is (that is a capability like any other, see `provider.capnp`), files, sections
//! of files beside the one that the [`manifest!`] macro writes, and any runtime.

mod contract;
mod level;
mod manifest;
#[cfg(not(target_family = "wasm"))]
mod native;

pub use contract::CONTRACT;
pub use level::Level;
pub use manifest::{Manifest, json_bytes, json_length};
#[cfg(not(target_family = "wasm"))]
pub use native::*;
