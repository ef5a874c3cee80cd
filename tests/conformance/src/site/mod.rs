//! What a side serves, near or far.

mod census;
mod counter;
mod gates;
mod maker;
mod peer;
mod recorder;
mod sink;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use capnp::Error;

use self::gates::Gates;
use crate::conformance_capnp::sink as sink_capnp;
use crate::conformance_capnp::{Kind, counter as counter_capnp, peer as peer_capnp, recorder as recorder_capnp};

pub use self::census::Census;
pub use self::counter::Counter;
pub use self::maker::{InPlace, Maker};
pub use self::peer::Peer;
pub use self::recorder::Recorder;
pub use self::sink::Sink;

/// A side's objects, its gates, and what it counts. Two clones are one site.
#[derive(Clone)]
pub struct Site(Rc<State>);

struct State {
    shared: Rc<Shared>,
    same: counter_capnp::Client,
    held: RefCell<VecDeque<counter_capnp::Client>>,
    leave: Box<dyn Fn()>,
}

/// What the objects of a site share with it. They do not hold the site itself, which holds some of them.
struct Shared {
    gates: Gates,
    counts: Rc<census::Counts>,
    maker: Rc<dyn Maker>,
}

impl Site {
    /// A site whose objects become capabilities by `maker`. `leave` takes its side away.
    pub fn new(maker: Rc<dyn Maker>, leave: impl Fn() + 'static) -> Self {
        let shared = Rc::new(Shared { gates: Gates::default(), counts: Rc::default(), maker });
        let same = shared.maker.counter(Counter::uncounted(shared.clone()));
        Self(Rc::new(State { shared, same, held: RefCell::default(), leave: Box::new(leave) }))
    }

    /// Its root.
    pub fn peer(&self) -> peer_capnp::Client {
        self.0.shared.maker.peer(Peer(self.clone()))
    }

    /// A new counter.
    pub fn counter(&self) -> counter_capnp::Client {
        self.0.shared.counter(0)
    }

    /// A new recorder.
    pub fn recorder(&self) -> recorder_capnp::Client {
        self.0.shared.maker.recorder(Recorder::new(self.0.shared.clone()))
    }

    /// A new sink.
    pub fn sink(&self) -> sink_capnp::Client {
        self.0.shared.maker.sink(Sink::new(self.0.shared.clone()))
    }

    /// Opens a gate.
    pub fn open(&self, gate: u32) {
        self.0.shared.gates.open(gate);
    }

    /// What is alive, and what goes on.
    pub fn census(&self) -> Census {
        self.0.shared.counts.census()
    }
}

impl Shared {
    fn counter(self: &Rc<Self>, value: i64) -> counter_capnp::Client {
        self.maker.counter(Counter::new(self.clone(), value))
    }
}

/// The error that a case asks for.
fn error(kind: Kind, text: String) -> Error {
    match kind {
        Kind::Failed => Error::failed(text),
        Kind::Overloaded => Error::overloaded(text),
        Kind::Disconnected => Error::disconnected(text),
        Kind::Unimplemented => Error::unimplemented(text),
    }
}
