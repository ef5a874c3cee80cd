//! The object that is called, in this process.

use crate::bench_capnp::echo;
use crate::server::client;

/// A client of a new object, as `capnp_rpc::new_client` makes it: what is called `local`.
pub(crate) fn local() -> echo::Client {
    client(capnp_rpc::new_client)
}

/// A client of a new object over the hooks of `ww-call`: what is called `lean`.
pub(crate) fn lean() -> echo::Client {
    client(ww_call::new_client)
}
