//! Whether two references are one object.

use capnp::capability::{FromClientHook, get_resolved_cap};
use ww_call::foreign::settle;

/// What tells an object from all others on this side, as long as somebody holds it.
pub(crate) fn identity(client: &impl FromClientHook) -> (usize, usize) {
    let (hook, _) = settle(client.as_client_hook().add_ref());
    (hook.get_brand(), hook.get_ptr())
}

/// Whether two references are the same object, once both are settled.
pub(crate) async fn is_same<C: FromClientHook + Clone>(one: &C, other: &C) -> bool {
    let (one, other) = (get_resolved_cap(one.clone()).await, get_resolved_cap(other.clone()).await);
    identity(&one) == identity(&other)
}
