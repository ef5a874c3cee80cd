//! Objects as the Cap'n Proto library makes them.

use ww_conformance::conformance_capnp::{counter, peer, recorder, sink};
use ww_conformance::{Counter, Maker, Peer, Recorder, Sink};

/// Makes the library's own clients.
pub(crate) struct Library;

impl Maker for Library {
    fn peer(&self, server: Peer) -> peer::Client {
        capnp_rpc::new_client(server)
    }

    fn counter(&self, server: Counter) -> counter::Client {
        capnp_rpc::new_client(server)
    }

    fn recorder(&self, server: Recorder) -> recorder::Client {
        capnp_rpc::new_client(server)
    }

    fn sink(&self, server: Sink) -> sink::Client {
        capnp_rpc::new_client(server)
    }
}
