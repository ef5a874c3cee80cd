//! The host as a guest has it.

use crate::conformance_capnp::peer;
use crate::transport::{Connection, Side};

/// The host, of which a guest has grafted this far side.
pub struct Grafted(pub peer::Client);

impl Connection for Grafted {
    fn peer(&self) -> peer::Client {
        self.0.clone()
    }

    /// The host goes away by ending the connection, and the guest goes on. A guest cannot go away and tell of it.
    fn close(&self, side: Side) {
        match side {
            Side::Far => drop(self.0.leave_request().send()),
            Side::Near => unreachable!("a guest that goes away cannot say what it saw"),
        }
    }
}
