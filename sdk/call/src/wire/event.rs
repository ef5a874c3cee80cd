//! What happened, as the guest is told.

use capnp::Error;

use crate::message::Segments;

/// What happened, from the guest's point of view.
#[derive(Debug)]
pub enum Event {
    /// A call of the guest's has ended well.
    Completed {
        /// Its id.
        call: u32,
        /// The results.
        results: Words,
    },
    /// A call of the guest's has failed.
    Failed {
        /// Its id.
        call: u32,
        /// The error.
        error: Error,
    },
    /// The host drops a call that the guest is answering.
    Cancelled {
        /// Its id.
        call: u32,
    },
    /// References to an object of the guest's have come back.
    Released {
        /// The object.
        number: u32,
        /// How many.
        count: u32,
    },
    /// A call for an object of the guest's.
    Incoming {
        /// Its id.
        call: u32,
        /// The object.
        number: u32,
        /// The interface that declares the method.
        interface: u64,
        /// The method.
        method: u16,
        /// Whether it is a streaming method.
        streaming: bool,
        /// The parameters.
        params: Words,
    },
    /// The host has closed the connection.
    Closed {
        /// Why.
        error: Error,
    },
}

/// A message as it crosses: segments, and handles.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// The segments.
    pub segments: Segments,
    /// The handles.
    pub handles: Vec<u32>,
}

/// The kinds, as the low byte of an event's head.
pub(super) mod kind {
    pub(in crate::wire) const COMPLETED: u64 = 0;
    pub(in crate::wire) const FAILED: u64 = 1;
    pub(in crate::wire) const CANCELLED: u64 = 2;
    pub(in crate::wire) const RELEASED: u64 = 3;
    pub(in crate::wire) const INCOMING: u64 = 4;
    pub(in crate::wire) const CLOSED: u64 = 5;
}

/// Marks a segment that is in the list of long ones.
pub(super) const LONG: u64 = 1 << 63;
