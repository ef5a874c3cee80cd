//! What a party of a graph can do, wherever it runs.

use crate::model::{Outcome, Reply};

/// The interface that all objects have.
pub(crate) const INTERFACE: u64 = 0x8e2d_41f7_0b63_9ac5;

/// An interface that none has.
pub(crate) const OTHER_INTERFACE: u64 = INTERFACE + 1;

/// How many methods the interface has. They all do what the call says.
pub(crate) const METHODS: u16 = 4;

/// A call as its caller makes it.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    /// Its number, which no other call has.
    pub token: usize,
    /// The place of the reference that is called.
    pub place: usize,
    pub method: u16,
    /// The places of the references that go with it.
    pub params: Vec<usize>,
    pub reply: Reply,
    /// Whether the caller takes the promise of what will be given, before it looks at the answer.
    pub pipelined: bool,
}

/// What a party sees of a reference of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Facts {
    /// References to one object behind one guard are the same.
    pub identity: usize,
    /// How many guards there are around the object, where the party can tell.
    pub layers: Option<usize>,
}

/// One party: its references, in numbered places, and its objects.
///
/// Whatever it receives goes to the next free place: the parameters of each call in order, the promise of what a call will
/// give, what it has given.
pub(crate) trait Player {
    /// How many places it has used.
    fn places(&self) -> usize;

    /// Grafts all, and takes what comes in the order of names.
    fn graft(&mut self) -> Result<(), String>;

    /// Makes an object.
    fn make(&mut self, object: usize);

    /// Makes a promise. Whether it can do that.
    fn promise(&mut self) -> bool;

    /// Keeps the promise of one place with the reference of another one.
    fn keep(&mut self, promise: usize, place: usize);

    /// Empties a place.
    fn drop_reference(&mut self, place: usize);

    /// Follows what is in a place to its end.
    fn settle(&mut self, place: usize);

    /// Makes a call. It is not looked after before [`Player::poll`].
    fn call(&mut self, ask: &Ask);

    /// Looks after a call. Its outcome, if it has ended; what it has given goes to a place then.
    fn poll(&mut self, token: usize) -> Option<Outcome>;

    /// Gives up a call.
    fn forget(&mut self, token: usize);

    /// Answers a call that waits at an object of its own with what is in a place, or with nothing.
    fn answer(&mut self, token: usize, place: Option<usize>);

    /// Whether a call waits at an object of its own.
    fn is_waiting(&mut self, token: usize) -> bool;

    /// Restricts what is in a place. Where that works, the result goes to a place, and the revoker is kept under the
    /// number of the restriction.
    fn restrict(&mut self, restriction: usize, place: usize, interface: u64, methods: &[u16], calls: u64) -> bool;

    /// Revokes a restriction of its own.
    fn revoke(&mut self, restriction: usize);

    /// Looks at what is in a place, after it was followed to its end.
    fn facts(&mut self, place: usize) -> Facts;

    /// Whether an object of its own is alive.
    fn is_alive(&mut self, object: usize) -> bool;
}
