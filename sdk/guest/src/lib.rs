//! To write guests of `ww`.
//!
//! A guest is a plain program for `wasm32-wasip2` whose `main` runs a future:
//!
//! ```no_run
//! use ww_guest::Result;
//! use ww_guest::system_capnp::host;
//!
//! fn main() -> std::process::ExitCode {
//!     ww_guest::run(greet())
//! }
//!
//! async fn greet() -> Result<()> {
//!     let session = ww_guest::graft().await?;
//!     let host: host::Client = session.get("host")?;
//!     let answer = host.id_request().send().promise.await?;
//!     println!("Hello from {}!", answer.get()?.get_peer_id()?.to_str()?);
//!     Ok(())
//! }
//! ```
//!
//! Capabilities are ordinary Cap'n Proto clients, called in place. While a future waits, whatever else was
//! [spawned](spawn) goes on, and so do the calls that others make on what this guest has handed out.
//!
//! A capability that is handed on can be made weaker first, and taken back later: [`restrict`].
//!
//! Deliberately absent: any capability. What a guest can reach is what its [`graft`] returns; the files under `/`, the
//! arguments, the clock and the standard streams are `std`'s, as in any other program.

mod connection;
mod error;
mod executor;
mod exit;
mod imports;
mod releases;
mod restrict;
mod session;
mod stdin;
mod time;

pub use capnp;
pub use connection::{disconnected, export, serve};
pub use error::{Error, Result};
pub use executor::{run, spawn};
pub use restrict::{Restrict, Restricted, restrict};
pub use session::{Session, graft, graft_only, membrane};
pub use stdin::{Stdin, stdin};
pub use time::{Elapsed, sleep, timeout};
pub use ww_call::local::{new_client, new_client_from_rc};
pub use ww_capnp::{stem_capnp, system_capnp};
