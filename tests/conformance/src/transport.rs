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

/// What a far side is like.
#[derive(Debug, Clone, Copy)]
pub struct Traits {
    /// A panic over there is an error of its call. Otherwise it is the end of that side, as in a guest, which aborts.
    pub panics_are_caught: bool,
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
