//! How servers become capabilities.

use super::{Counter, Peer, Recorder, Sink};
use crate::conformance_capnp::{counter, peer, recorder, sink};

/// Makes capabilities of a side's servers.
pub trait Maker {
    /// Of its root.
    fn peer(&self, server: Peer) -> peer::Client;
    /// Of a counter.
    fn counter(&self, server: Counter) -> counter::Client;
    /// Of a recorder.
    fn recorder(&self, server: Recorder) -> recorder::Client;
    /// Of a sink.
    fn sink(&self, server: Sink) -> sink::Client;
}

/// Makes the clients of `ww_call`, whose calls are dispatched in place.
#[derive(Debug, Clone, Copy)]
pub struct InPlace;

impl Maker for InPlace {
    fn peer(&self, server: Peer) -> peer::Client {
        ww_call::new_client(server)
    }

    fn counter(&self, server: Counter) -> counter::Client {
        ww_call::new_client(server)
    }

    fn recorder(&self, server: Recorder) -> recorder::Client {
        ww_call::new_client(server)
    }

    fn sink(&self, server: Sink) -> sink::Client {
        ww_call::new_client(server)
    }
}
