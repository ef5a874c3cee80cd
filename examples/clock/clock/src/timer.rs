//! What fires once.

use std::rc::Rc;

use clock_api::timer;
use ww_plugin::capnp::Error;

use crate::places::Place;
use crate::time::Time;

/// A moment, for which somebody waits or nobody does: it costs its place and nothing more.
pub(crate) struct Timer {
    time: Rc<Time>,
    fires: u64,
    _place: Place,
}

impl Timer {
    /// Fires after some nanoseconds.
    pub(crate) fn new(time: Rc<Time>, after: u64, place: Place) -> Self {
        let fires = time.elapsed().saturating_add(after);
        Self { time, fires, _place: place }
    }
}

impl timer::Server for Timer {
    async fn wait(self: Rc<Self>, _: timer::WaitParams, _: timer::WaitResults) -> Result<(), Error> {
        self.time.wait_until(self.fires).await;
        Ok(())
    }
}
