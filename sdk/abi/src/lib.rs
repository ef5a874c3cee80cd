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
//! Deliberately absent: what a provider is (that is a capability like any other, see `provider.capnp`), files, sections
//! of files beside the one that the [`manifest!`] macro writes, and any runtime.

#[cfg(feature = "call")]
pub mod bridge;
mod call;
mod cap;
mod contract;
mod future;
mod manifest;
mod message;
mod root;
mod services;
mod waker;

pub use abi_stable;
pub use call::{RawAnswer, RawCall, RawText, Status};
pub use cap::{CapVtable, RawCap};
pub use contract::CONTRACT;
pub use future::{FutureVtable, RawFuture};
pub use manifest::{Manifest, json_bytes, json_length};
pub use message::{RawMessage, RawSegment, SHORT_WORDS};
pub use root::{RawStart, Root, RootRef};
pub use services::{Level, RawServices, RawTask, ServicesVtable, TaskVtable};
pub use waker::{RawWaker, WakerVtable};
