//! What a party of a graph can do, wherever it runs.

use std::collections::BTreeSet;

use capnp::private::capability::ClientHook;

/// The interface that all objects have.
pub const INTERFACE: u64 = 0x8e2d_41f7_0b63_9ac5;

/// An interface that none has.
pub const OTHER_INTERFACE: u64 = INTERFACE + 1;

/// How many methods the interface has. They all do what the call says.
pub const METHODS: u16 = 4;

/// What an object is to do with a call. The numbers are places of its owner's, modulo how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// It answers at once.
    Nothing,
    /// It fails.
    Fail,
    /// It answers at once, with what is there.
    Give(usize),
    /// It answers when it is told to.
    Later,
    /// The same, but what it will give can be used already, where its owner [promises](Player::promises) things.
    LaterKnown(usize),
    /// It calls the same method of what is there first, and looks whether that is answered, from inside this call.
    PassOn(usize),
}

impl Reply {
    /// What the call inside a call is numbered.
    pub const fn inside(token: usize) -> usize {
        token + 1
    }

    pub(crate) const fn numbers(self) -> [u64; 2] {
        match self {
            Self::Nothing => [0, 0],
            Self::Fail => [1, 0],
            Self::Give(place) => [2, place as u64],
            Self::Later => [3, 0],
            Self::LaterKnown(place) => [4, place as u64],
            Self::PassOn(place) => [5, place as u64],
        }
    }

    pub(crate) const fn of([kind, place]: [u64; 2]) -> Self {
        let place = place as usize;
        match kind {
            0 => Self::Nothing,
            1 => Self::Fail,
            2 => Self::Give(place),
            3 => Self::Later,
            4 => Self::LaterKnown(place),
            _ => Self::PassOn(place),
        }
    }
}

/// What a call has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Done, by this object.
    Done(usize),
    /// As `disconnected`.
    Dead,
    /// As `failed`.
    Refused,
    /// In any way.
    Failed,
}

/// A call as its caller makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Its number, which no other call has.
    pub token: usize,
    /// The place of the reference that is called.
    pub place: usize,
    /// The method, of [`METHODS`].
    pub method: u16,
    /// The places of the references that go with it.
    pub params: Vec<usize>,
    /// What the object is to do.
    pub reply: Reply,
    /// Whether the caller takes the promise of what will be given, before it looks at the answer.
    pub pipelined: bool,
}

/// What can be seen of a party.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// How many places it has used.
    pub places: usize,
    /// The calls that wait at objects of its own.
    pub waiting: BTreeSet<usize>,
    /// The objects of its own that are alive.
    pub alive: BTreeSet<usize>,
    /// The calls that it has made of which it knows that they have ended.
    pub ended: BTreeSet<usize>,
}

/// One party: its references, in numbered places, and its objects.
///
/// Whatever it receives goes to the next free place: the parameters of each call in order, the promise of what a call will
/// give, what it has given.
pub trait Player {
    /// Whether others see what has become of its promises, and can use what its objects will give before they give it.
    fn promises(&self) -> bool;

    /// What can be seen of it.
    fn state(&mut self) -> State;

    /// Grafts all, and takes what comes in the order of names.
    ///
    /// # Errors
    /// Why that did not work, to be read.
    fn graft(&mut self) -> Result<(), String>;

    /// Makes an object.
    fn make(&mut self, object: usize);

    /// Makes a promise, where it [can](Player::promises).
    fn promise(&mut self);

    /// Keeps the promise of one place with the reference of another one.
    fn keep(&mut self, promise: usize, place: usize);

    /// Empties a place.
    fn drop_reference(&mut self, place: usize);

    /// Follows what is in a place to its end.
    fn settle(&mut self, place: usize);

    /// Makes a call. It is not looked after before [`Player::look_after`].
    fn call(&mut self, ask: &Ask);

    /// Gives the promise of what the last call will give a place.
    fn take_pipelined(&mut self);

    /// Looks after a call, where it does not go on by itself.
    fn look_after(&mut self, token: usize);

    /// Looks after a call. Its outcome, if it has ended; what it has given goes to a place then.
    fn poll(&mut self, token: usize) -> Option<Outcome>;

    /// Gives up a call.
    fn forget(&mut self, token: usize);

    /// Answers a call that waits at an object of its own with what is in a place, or with nothing.
    fn answer(&mut self, token: usize, place: Option<usize>);

    /// Restricts what is in a place. Where that works, the result goes to a place, and the revoker is kept under the
    /// number of the restriction.
    fn restrict(&mut self, restriction: usize, place: usize, interface: u64, methods: &[u16], calls: u64) -> bool;

    /// Revokes a restriction of its own.
    fn revoke(&mut self, restriction: usize);

    /// What is in a place, followed to its end, as the host has it.
    fn look(&mut self, place: usize) -> Box<dyn ClientHook>;
}
