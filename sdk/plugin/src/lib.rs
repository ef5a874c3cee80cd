//! Write capability providers for ww.
//!
//! A provider supplies one capability, by name, to the guests of a node whose operator loads it:
//! `ww run --plugin ./libgreeter.so`. It is a struct, the server trait that was generated from its schema, the trait
//! [`Provider`], and one macro:
//!
//! ```
//! use std::rc::Rc;
//!
//! use schemars::JsonSchema;
//! use serde::Deserialize;
//! use ww_plugin::system_capnp::executor;
//! use ww_plugin::{Caller, Grants, Provider, Result};
//!
//! struct Greeter {
//!     greeting: String,
//! }
//!
//! impl executor::Server for Greeter {
//!     async fn echo(
//!         self: Rc<Self>,
//!         params: executor::EchoParams,
//!         mut results: executor::EchoResults,
//!     ) -> Result<(), capnp::Error> {
//!         let name = params.get()?.get_message()?.to_str()?;
//!         results.get().set_response(format!("{}, {name}!", self.greeting));
//!         Ok(())
//!     }
//! }
//!
//! #[derive(Deserialize, JsonSchema)]
//! struct Config {
//!     /// What it says.
//!     greeting: String,
//! }
//!
//! impl Provider for Greeter {
//!     const NAME: &str = "greeter";
//!     const DESCRIPTION: &str = "Says hello";
//!     type Config = Config;
//!     type Client = executor::Client;
//!
//!     async fn open(config: Config, _grants: Grants) -> Result<Self> {
//!         Ok(Self { greeting: config.greeting })
//!     }
//!
//!     async fn attach(self: Rc<Self>, _caller: Caller) -> Result<executor::Client> {
//!         Ok(ww_plugin::new_client_from_rc(self))
//!     }
//! }
//!
//! ww_plugin::export!(Greeter);
//! # fn main() {}
//! ```
//!
//! All code of a provider runs on one thread, the worker of the node that opened it. It must not block that: files and
//! sockets are for the plugin's own [`tokio`] runtime, which is entered wherever the provider's code runs, so that
//! `tokio::fs`, `tokio::time`, `tokio::spawn` and `tokio::task::spawn_blocking` work as they are. What is not `Send` goes on
//! with [`spawn_local`]. Events of [`tracing`] arrive in the node's log, under `ww::plugin::NAME`.
//!
//! A panic is an error of the call in which it happens, and marks the provider as failed; nothing ends but that.
//!
//! Built for `wasm32-wasip2`, the same library is a **component**, which runs in a cell, and which its operator need not
//! trust. It has one thread and no sockets, and of files only what is in its `/var`, where it was granted `state`; the
//! runtime's modules for them are not there to be used. What serves both kinds is here: [`time`], [`spawn_local`], and
//! [`blocking`] for what takes its time. A panic ends a component; its node starts it again.
//!
//! What an operator types, `ww NAME ARGS…`, is served in the role `command`: see [`Provider::command`].
//!
//! [`testing`] opens a provider without a node.
//!
//! Deliberately absent: any authority check. What reaches a provider has passed the guards of the node.

mod byte_stream;
mod caller;
mod command_line;
#[cfg(target_family = "wasm")]
mod component;
mod config;
mod events;
mod grants;
#[cfg(not(target_family = "wasm"))]
mod native;
mod provider;
mod serve;
#[cfg(not(target_family = "wasm"))]
pub mod testing;
pub mod time;

#[cfg(target_family = "wasm")]
use component as kind;
#[cfg(not(target_family = "wasm"))]
use native as kind;

pub use byte_stream::ByteStream;
pub use caller::Caller;
pub use command_line::CommandLine;
pub use config::NoConfig;
pub use grants::Grants;
pub use kind::{blocking, spawn_local};
pub use provider::{Provider, Result};
pub use ww_capnp::{provider_capnp, stem_capnp, system_capnp};

pub use ww_call::{new_client, new_client_from_rc};

pub use {capnp, schemars, serde, tokio, tracing};

/// What [`export!`] uses.
#[doc(hidden)]
pub mod exported {
    #[cfg(target_family = "wasm")]
    pub use crate::component::{Guest, bindings, export_run, run};
    #[cfg(not(target_family = "wasm"))]
    pub use crate::native::start;
    pub use crate::provider::manifest;
    pub use ww_abi;
}

/// Makes a plugin of a [`Provider`]. Once a library, whose `crate-type` has `cdylib`.
///
/// It writes what the provider says of itself into the file, where it can be read without running anything, and exports
/// what starts an instance: of the kind of plugin that the library is built for.
#[macro_export]
macro_rules! export {
    ($provider:ty) => {
        $crate::exported::ww_abi::manifest!($crate::exported::manifest::<$provider>(env!("CARGO_PKG_VERSION")));
        $crate::__export_entry!($provider);
    };
}
