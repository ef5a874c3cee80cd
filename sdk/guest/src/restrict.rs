//! Weaker forms of capabilities, to be handed on.

use std::future::IntoFuture;

use capnp::any_pointer;
use capnp::capability::{Client, FromClientHook};
use capnp::traits::HasTypeId;
use futures::future::LocalBoxFuture;
use ww_capnp::stem_capnp::{membrane, revoker};

use crate::Result;
use crate::session::membrane;

/// Makes a weaker form of `cap`, to be handed to somebody who is to do less with it: of all that can be called, only
/// `methods`. They are numbers of methods of the interface `C`, those after the `@` in its schema. A method that `C` has
/// from an interface that it extends is none of its own: of such methods, make a weaker form of a client of that one.
///
/// Awaiting it asks the host. `cap` itself stays as it is, whoever has it: hand on the weaker one only.
///
/// ```no_run
/// use ww_guest::system_capnp::host;
/// use ww_guest::{Restricted, Result};
///
/// /// `Host.id @0` and `Host.peers @2`: looking, without connecting to anybody.
/// const LOOK: [u16; 2] = [0, 2];
///
/// async fn lend(host: &host::Client) -> Result<Restricted<host::Client>> {
///     let lent = ww_guest::restrict(host, &LOOK).calls(100).await?;
///     let answer = lent.cap.id_request().send().promise.await?;
///     println!("one of 100 calls gave {}", answer.get()?.get_peer_id()?.to_str()?);
///     Ok(lent)
/// }
///
/// async fn take_back(lent: Restricted<host::Client>) -> Result<()> {
///     lent.revoke().await
/// }
/// ```
///
/// A capability of this guest's own can be restricted, too. Calls on the weaker form go out to the host, through its
/// guard, and come back in.
///
/// What is restricted can be restricted again, by whoever has it: then it allows what both allow, and ends when either
/// is revoked or used up. Every other call fails as `failed`, and says which method is not allowed here. What the allowed
/// methods return is not restricted.
///
/// # Errors
/// For more than 1,024 methods, for a capability that was restricted 16 times already, and when the node is stopping.
pub fn restrict<'a, C>(cap: &'a C, methods: &'a [u16]) -> Restrict<'a, C> {
    Restrict { cap, methods, calls: None }
}

/// A restriction to be made, by awaiting it: what [`restrict`] returns.
#[must_use = "nothing is restricted before it is awaited"]
pub struct Restrict<'a, C> {
    cap: &'a C,
    methods: &'a [u16],
    calls: Option<u64>,
}

impl<C> Restrict<'_, C> {
    /// Allows only so many calls, counted over all methods and all who have the capability; 0 is none. Calls that are
    /// refused do not count. A call past the last one fails as `failed`. Without this, any number is allowed.
    pub fn calls(self, calls: u64) -> Self {
        Self { calls: Some(calls), ..self }
    }
}

/// A weaker form of a capability, and the end of it.
pub struct Restricted<C> {
    /// The capability, to be handed on.
    pub cap: C,
    /// Revokes it. It is a capability as well, for whoever is to decide on the end. Dropping it does not revoke.
    pub revoker: revoker::Client,
}

impl<C> Restricted<C> {
    /// Ends the capability for all who have it: from when this returns, every call on it fails as `disconnected`, and so
    /// does every call on what was reached through it. Calls in flight fail, too. The capability that it was made of goes
    /// on. Revoking twice does nothing.
    ///
    /// # Errors
    /// When the node is stopping.
    pub async fn revoke(&self) -> Result<()> {
        self.revoker.revoke_request().send().promise.await?;
        Ok(())
    }
}

impl<'a, C: FromClientHook + HasTypeId> IntoFuture for Restrict<'a, C> {
    type Output = Result<Restricted<C>>;
    type IntoFuture = LocalBoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut request = membrane().restrict_request();
            self.write(request.get())?;
            let response = request.send().promise.await?;
            let results = response.get()?;
            Ok(Restricted { cap: client(results.get_cap())?, revoker: results.get_revoker()? })
        })
    }
}

impl<C: FromClientHook + HasTypeId> Restrict<'_, C> {
    fn write(&self, mut params: membrane::restrict_params::Builder<'_>) -> Result<()> {
        params.reborrow().init_cap().set_as_capability(self.cap.as_client_hook().add_ref());
        params.set_interface_id(C::TYPE_ID);
        // The host takes 0 for any number of calls. Where none is left, none is allowed.
        let methods = if self.calls == Some(0) { &[] } else { self.methods };
        let mut list = params.reborrow().init_methods(u32::try_from(methods.len())?);
        for (index, method) in (0..).zip(methods) {
            list.set(index, *method);
        }
        params.set_calls(self.calls.unwrap_or(0));
        Ok(())
    }
}

fn client<C: FromClientHook>(pointer: any_pointer::Reader<'_>) -> Result<C> {
    Ok(C::new(pointer.get_as_capability::<Client>()?.hook))
}
