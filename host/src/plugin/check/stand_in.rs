//! What stands in for a capability that the plugin is granted.

use capnp::capability::FromClientHook as _;
use membrane::{Granted, Name};
use ww_capnp::provider_capnp::content;

/// Has no method: every call of it fails as `unimplemented`, those of the interface that it is made with like all others.
struct StandIn;

impl content::Server for StandIn {}

/// A stand-in for each of these.
pub(super) fn for_each(names: &[Name]) -> Granted {
    let stand_in = || ww_call::new_client::<content::Client, _>(StandIn).into_client_hook();
    names.iter().map(|name| (name.clone(), stand_in())).collect()
}
