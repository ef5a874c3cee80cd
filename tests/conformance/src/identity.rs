//! Whether two references are one object.

use capnp::capability::FromClientHook;
use ww_call::foreign::{resolved, settle};

/// What tells an object from all others on this side, as long as somebody holds it.
pub(crate) fn identity(client: &impl FromClientHook) -> (usize, usize) {
    let (hook, _) = settle(client.as_client_hook().add_ref());
    (hook.get_brand(), hook.get_ptr())
}

/// Whether two references are the same object, once both are settled.
pub(crate) async fn is_same<C: FromClientHook>(one: &C, other: &C) -> bool {
    // A promise that is broken is nobody.
    let of = async |client: &C| resolved(client.as_client_hook().add_ref()).await.ok().map(C::new);
    matches!((of(one).await, of(other).await), (Some(one), Some(other)) if identity(&one) == identity(&other))
}
