//! What is fuzzed: functions over bytes that know no fuzzer.
//!
//! Each target is a module with a function `target` that takes any bytes, does with them what a guest, an image or a file
//! could make the node do, and panics where a promise is broken. Whoever calls it sees every panic as a finding, also one
//! that the node catches and goes on after; so nothing here panics on purpose.
//!
//! - [`calls`]: a guest that calls `wetware:cell/calls` with anything;
//! - [`rpc`]: a guest that writes anything to `wetware:cell/connection`;
//! - [`paths`]: an image of any layers, and a guest that looks for anything in it;
//! - [`headers`]: files and messages that a parser of ours reads first.
//!
//! Compiled code in the cache is not among them: the engine trusts it by design, which is why nobody but the user can
//! write there.
//!
//! `corpus/TARGET` holds inputs that reach far, and those that once found something, by names that say what. `cargo xtask
//! test` runs them and random ones; `cargo xtask fuzz` looks for new ones.

mod bytes;
pub mod calls;
pub mod headers;
pub mod paths;
mod place;
pub mod rpc;
mod service;
mod worker;

/// A target, by its name.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// The name: of its module, of its folder in `corpus`, and of its program for the fuzzer.
    pub name: &'static str,
    /// Runs one input.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "calls", run: calls::target },
    Target { name: "headers", run: headers::target },
    Target { name: "paths", run: paths::target },
    Target { name: "rpc", run: rpc::target },
];
