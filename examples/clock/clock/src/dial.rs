//! The clock, as one caller has it.

use std::rc::Rc;

use clock_api::{clock, ticker, timer};
use ww_plugin::capnp::Error;

use crate::places::Theirs;
use crate::ticker::Ticker;
use crate::time::Time;
use crate::timer::Timer;

/// What a caller gets.
pub(crate) struct Dial {
    time: Rc<Time>,
    places: Theirs,
}

impl Dial {
    pub(crate) fn new(time: Rc<Time>, places: Theirs) -> Self {
        Self { time, places }
    }
}

impl clock::Server for Dial {
    async fn now(self: Rc<Self>, _: clock::NowParams, mut results: clock::NowResults) -> Result<(), Error> {
        let now = self.time.wall();
        let mut results = results.get();
        results.set_seconds(now.seconds);
        results.set_nanoseconds(now.nanoseconds);
        Ok(())
    }

    async fn elapsed(self: Rc<Self>, _: clock::ElapsedParams, mut results: clock::ElapsedResults) -> Result<(), Error> {
        results.get().set_nanoseconds(self.time.elapsed());
        Ok(())
    }

    async fn timer(self: Rc<Self>, params: clock::TimerParams, mut results: clock::TimerResults) -> Result<(), Error> {
        let timer = Timer::new(self.time.clone(), params.get()?.get_after(), self.places.take()?);
        results.get().set_timer(ww_plugin::new_client::<timer::Client, _>(timer));
        Ok(())
    }

    async fn ticker(
        self: Rc<Self>,
        params: clock::TickerParams,
        mut results: clock::TickerResults,
    ) -> Result<(), Error> {
        let params = params.get()?;
        let ticker = Ticker::start(self.time.clone(), params.get_every(), params.get_listener()?, self.places.take()?)?;
        results.get().set_ticker(ww_plugin::new_client::<ticker::Client, _>(ticker));
        Ok(())
    }
}
