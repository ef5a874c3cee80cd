//! What tells somebody of every period that is over.

use std::rc::Rc;
use std::time::Duration;

use clock_api::{listener, ticker};
use futures::future::{AbortHandle, Abortable};
use ww_plugin::capnp::Error;
use ww_plugin::time::sleep;
use ww_plugin::tracing;

use crate::places::Place;
use crate::time::Time;

/// Between two calls of a listener: periods may be as short as one wants, and are told as fast as makes sense.
const PAUSE: Duration = Duration::from_millis(1);

/// A ticker, as its owner holds it: it ends when this is dropped.
pub(crate) struct Ticker {
    end: AbortHandle,
    _place: Place,
}

impl Ticker {
    /// Begins to tell `listener` of periods of so many nanoseconds.
    pub(crate) fn start(time: Rc<Time>, every: u64, listener: listener::Client, place: Place) -> Result<Self, Error> {
        if every == 0 {
            return Err(Error::failed("a ticker has periods of 1 nanosecond or more, and not of 0".into()));
        }
        let (end, registration) = AbortHandle::new_pair();
        let telling = Abortable::new(tell(time, every, listener), registration);
        ww_plugin::spawn_local(async {
            if let Ok(Err(error)) = telling.await {
                tracing::debug!("a ticker ends: {error}");
            }
        });
        Ok(Self { end, _place: place })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.end.abort();
    }
}

impl ticker::Server for Ticker {}

/// Tells of periods until the listener fails a call.
async fn tell(time: Rc<Time>, every: u64, listener: listener::Client) -> Result<(), Error> {
    let start = time.elapsed();
    let mut told = 0;
    loop {
        time.wait_until(start.saturating_add(every.saturating_mul(told + 1))).await;
        told = (time.elapsed() - start) / every;
        let mut request = listener.ticked_request();
        request.get().set_periods(told);
        request.send().promise.await?;
        sleep(PAUSE).await;
    }
}
