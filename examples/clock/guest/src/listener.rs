//! Hears the clock tick.

use std::rc::Rc;

use capnp::Error;
use clock_api::listener;

/// Says each second.
pub(crate) struct Listener;

impl listener::Server for Listener {
    async fn ticked(self: Rc<Self>, params: listener::TickedParams, _: listener::TickedResults) -> Result<(), Error> {
        println!("tick {}", params.get()?.get_periods());
        Ok(())
    }
}
