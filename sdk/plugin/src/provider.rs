//! What an author writes.

use std::future::Future;
use std::rc::Rc;

use capnp::capability::FromClientHook;
use capnp::private::capability::ClientHook;
use capnp::traits::HasTypeId;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use ww_abi::Manifest;
use ww_capnp::provider_capnp::{command, content};

use crate::{Caller, Grants};

/// What the functions of a provider return. Every error converts into it, and so does a text.
pub type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// A provider: a struct that holds what an open instance has.
///
/// An instance is opened once, used by any number of callers, and closed once. A plugin may have several instances in one
/// process, under other names: keep state in the struct, not in statics. Every function runs on the worker's thread and
/// must not block it.
pub trait Provider: Sized + 'static {
    /// The name that guests graft where the operator gives it no other: 1 to 64 of `a-z`, `0-9`, `-`, `_`, starting with
    /// a letter.
    const NAME: &'static str;

    /// What it is, in one line.
    const DESCRIPTION: &'static str;

    /// The names of the capabilities that it cannot do without. They have to be granted by the operator
    /// (`--grant PROVIDER:NAME`): requiring grants nothing.
    const REQUIRES: &'static [&'static str] = &[];

    /// What a node may ask it for itself: `command`, see [`Provider::command`]; `content:PREFIX`, see
    /// [`Provider::content`].
    const ROLES: &'static [&'static str] = &[];

    /// Its configuration. A key that this does not have is an error that names it; `NoConfig` has none.
    type Config: DeserializeOwned + JsonSchema;

    /// The client of the interface that its callers get.
    type Client: FromClientHook + HasTypeId;

    /// Opens it.
    ///
    /// # Errors
    /// Whatever keeps it from working. The text follows `provider 'NAME' (FILE): open:`, and should say what to do.
    fn open(config: Self::Config, grants: Grants) -> impl Future<Output = Result<Self>>;

    /// The capability for a caller. Called for every graft. A provider that serves its interface itself gives all callers
    /// the same object, `new_client_from_rc(self)`; one that tells callers apart makes an object for each, with
    /// [`new_client`](crate::new_client).
    ///
    /// # Errors
    /// Whatever keeps it from serving this caller; the graft fails with it.
    fn attach(self: Rc<Self>, caller: Caller) -> impl Future<Output = Result<Self::Client>>;

    /// What serves `ww NAME ARGS…`, where [`Provider::ROLES`] has `command`: a server that reads its parameters as a
    /// [`CommandLine`](crate::CommandLine).
    ///
    /// ```
    /// # use std::rc::Rc;
    /// use ww_plugin::CommandLine;
    /// use ww_plugin::capnp::Error;
    /// use ww_plugin::provider_capnp::command;
    ///
    /// /// `ww NAME WORD…`: says the words, then what it reads.
    /// struct Say;
    ///
    /// impl command::Server for Say {
    ///     async fn run(
    ///         self: Rc<Self>,
    ///         params: command::RunParams,
    ///         mut results: command::RunResults,
    ///     ) -> Result<(), Error> {
    ///         let line = CommandLine::read(&params)?;
    ///         line.stdout.write_all(line.args.join(" ").as_bytes()).await?;
    ///         line.stdin.copy_to(&line.stdout).await?;
    ///         results.get().set_status(0);
    ///         Ok(())
    ///     }
    /// }
    /// ```
    fn command(self: Rc<Self>) -> Option<command::Client> {
        None
    }

    /// What resolves and publishes content paths, where [`Provider::ROLES`] has `content:PREFIX`.
    fn content(self: Rc<Self>) -> Option<content::Client> {
        None
    }

    /// Flushes and stops. Called once, after the last use, and given 5 seconds.
    ///
    /// # Errors
    /// Where something could not be saved.
    fn close(self: Rc<Self>) -> impl Future<Output = Result<()>> {
        async { Ok(()) }
    }
}

/// What a provider says of itself.
#[doc(hidden)]
pub const fn manifest<P: Provider>(version: &'static str) -> Manifest {
    Manifest {
        name: P::NAME,
        version,
        description: P::DESCRIPTION,
        interface: P::Client::TYPE_ID,
        roles: P::ROLES,
        requires: P::REQUIRES,
    }
}

/// What the node asks a provider for itself.
///
/// # Errors
/// `unimplemented` for a role that it does not have.
pub(crate) fn role<P: Provider>(provider: Rc<P>, name: &str) -> capnp::Result<Box<dyn ClientHook>> {
    let has = P::ROLES.iter().any(|role| role.split(':').next() == Some(name));
    let hook = match name {
        "command" if has => provider.command().map(FromClientHook::into_client_hook),
        "content" if has => provider.content().map(FromClientHook::into_client_hook),
        _ => None,
    };
    hook.ok_or_else(|| capnp::Error::unimplemented(format!("provider '{}' has no role '{name}'", P::NAME)))
}
