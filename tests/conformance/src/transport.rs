//! What the suite needs of a carrier.

use std::rc::Rc;
use std::time::Duration;

use futures::future::LocalBoxFuture;

use crate::conformance_capnp::peer;
use crate::failure::Outcome;
use crate::site::{InPlace, Maker};

/// A carrier under test.
///
/// The executor that runs the cases is the caller's. It has to run the carrier too, whatever that needs; a case only
/// waits for its calls, and for [`Transport::sleep`].
pub trait Transport {
    /// What this carrier's far side is like.
    fn traits(&self) -> Traits;

    /// A far side that nobody has used yet. Called once a case.
    fn connect(&self) -> LocalBoxFuture<'_, Outcome<Rc<dyn Connection>>>;

    /// Ends after `time`. A case that waits for the far side to get something done asks again and again, with this in
    /// between; and a case that hangs is ended by it.
    fn sleep(&self, time: Duration) -> LocalBoxFuture<'static, ()>;

    /// How the near side makes its objects.
    fn maker(&self) -> Rc<dyn Maker> {
        Rc::new(InPlace)
    }
}

/// What a carrier and its far side are like, where they may differ.
#[derive(Debug, Clone, Copy)]
pub struct Traits {
    /// A panic over there is an error of its call. Otherwise it is the end of that side, as in a guest, which aborts.
    pub panics_are_caught: bool,
    /// The far side keeps the bounds of what it says: it refuses results that are too long, and cuts long texts. Otherwise
    /// nobody refuses for it, since a message has to be read before anybody knows whose it is: results that are too long
    /// are the end of that side.
    pub far_side_keeps_bounds: bool,
    /// A call too many fails as `overloaded`. Otherwise the carrier has no such answer: a side that has far too many
    /// pending is ended, which is no case of this suite, since it may be the near one.
    pub calls_are_refused: bool,
    /// A call whose answer is there is answered in the turn in which it is made.
    pub answers_in_place: bool,
    /// An answer is handed over when the calls that were pipelined on it have arrived. Otherwise what it holds is a reference
    /// of its own: calls on it may overtake those on the promise of it, where it turns out to be of the near side.
    pub answers_follow_pipelines: bool,
    /// What is pipelined on an answer that is there fails when it is called, where the answer has nothing at that place.
    /// Otherwise it must not be asked for: the near side's library panics.
    pub nothing_can_be_pipelined_on: bool,
    /// What acknowledges a streaming call of the near side.
    pub acknowledged: Acknowledged,
    /// What comes before the text of an error of the far side.
    pub error_prefix: &'static str,
}

/// What acknowledges a streaming call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acknowledged {
    /// Its answer.
    ByAnswer,
    /// Room in a window: that another call may be made, and no more. What became of it tells a later call that is answered.
    /// Whoever gives up such a call gives up nothing: it is not waited for.
    ByWindow,
}

impl Traits {
    /// Those of our own libraries, on both sides.
    pub const OURS: Self = Self {
        panics_are_caught: true,
        far_side_keeps_bounds: true,
        calls_are_refused: true,
        answers_in_place: true,
        answers_follow_pipelines: true,
        nothing_can_be_pipelined_on: true,
        acknowledged: Acknowledged::ByAnswer,
        error_prefix: "",
    };
}

/// The two sides of a border.
pub trait Connection {
    /// The far side's `Peer`.
    fn peer(&self) -> peer::Client;

    /// Takes away a side, now: what it holds is dropped, and the other side has to notice by itself. Called only where
    /// there are sides, see [`border_cases`](crate::border_cases).
    fn close(&self, side: Side);
}

/// One side of a border.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The side that runs the cases.
    Near,
    /// The other one.
    Far,
}
