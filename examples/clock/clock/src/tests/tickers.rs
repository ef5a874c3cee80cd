//! Tickers.

use std::rc::Rc;
use std::time::Duration;

use clock_api::{clock, listener, ticker};
use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use serde_json::json;
use ww_plugin::Result;
use ww_plugin::capnp::{Error, ErrorKind};
use ww_plugin::time::timeout;

use super::{elapsed, timer, wait, with_clock};

/// Passes on what it hears, so long as somebody listens.
struct Listener(UnboundedSender<u64>);

impl listener::Server for Listener {
    async fn ticked(self: Rc<Self>, params: listener::TickedParams, _: listener::TickedResults) -> Result<(), Error> {
        let sent = self.0.unbounded_send(params.get()?.get_periods());
        sent.map_err(|_| Error::disconnected("nobody listens".into()))
    }
}

async fn ticker(clock: &clock::Client, every: u64) -> Result<(ticker::Client, UnboundedReceiver<u64>), Error> {
    let (sender, heard) = unbounded();
    let mut request = clock.ticker_request();
    request.get().set_every(every);
    request.get().set_listener(ww_plugin::new_client(Listener(sender)));
    Ok((request.send().promise.await?.get()?.get_ticker()?, heard))
}

#[test]
fn a_listener_hears_of_periods_that_are_over() -> Result<()> {
    with_clock(json!({ "rate": 2.0 }), async |opened| {
        let clock = opened.attach("guest").await?;
        let (every, start) = (10_000_000, elapsed(&clock).await?);
        let (ticker, mut heard) = ticker(&clock, every).await?;
        let mut last = 0;
        for _ in 0..5 {
            let periods = heard.next().await.ok_or("it ends")?;
            assert!(periods > last && elapsed(&clock).await? - start >= periods * every, "{last} {periods}");
            last = periods;
        }
        // The listener goes with the ticker.
        drop(ticker);
        while heard.next().await.is_some() {}
        Ok(())
    })
}

#[test]
fn a_listener_of_short_periods_is_left_in_peace() -> Result<()> {
    with_clock(json!({}), async |opened| {
        let clock = opened.attach("guest").await?;
        let (ticker, mut heard) = ticker(&clock, 1).await?;
        let mut told = 0;
        let start = elapsed(&clock).await?;
        wait(&timer(&clock, 50_000_000).await?).await?;
        while heard.try_recv().is_ok() {
            told += 1;
        }
        assert!(told >= 1 && told <= 1 + (elapsed(&clock).await? - start) / 1_000_000, "{told} calls");
        drop(ticker);
        Ok(())
    })
}

#[test]
fn a_ticker_ends_with_its_listener() -> Result<()> {
    with_clock(json!({}), async |opened| {
        let clock = opened.attach("guest").await?;
        let (sender, heard) = unbounded();
        let alive = Rc::new(Listener(sender));
        let mut request = clock.ticker_request();
        request.get().set_every(1_000_000);
        request.get().set_listener(ww_plugin::new_client_from_rc(alive.clone()));
        let _ticker = request.send().promise.await?.get()?.get_ticker()?;
        drop(heard);
        // It fails one call, and is let go.
        let gone = async {
            while Rc::strong_count(&alive) > 1 {
                wait(&timer(&clock, 1_000_000).await?).await?;
            }
            Ok::<_, Error>(())
        };
        timeout(Duration::from_secs(60), gone).await??;
        Ok(())
    })
}

#[test]
fn a_ticker_needs_a_period_and_a_place() -> Result<()> {
    with_clock(json!({}), async |opened| {
        let clock = opened.attach("guest").await?;
        let refused = ticker(&clock, 0).await.err().map(|error| (error.kind, error.extra));
        let text = "a ticker has periods of 1 nanosecond or more, and not of 0".to_owned();
        assert_eq!(refused, Some((ErrorKind::Failed, text)));
        let mut all = Vec::new();
        for _ in 0..1024 {
            all.push(ticker(&clock, u64::MAX).await?);
        }
        assert_eq!(ticker(&clock, 1).await.err().map(|error| error.kind), Some(ErrorKind::Overloaded));
        assert_eq!(timer(&clock, 1).await.err().map(|error| error.kind), Some(ErrorKind::Overloaded));
        all.pop();
        timer(&clock, 1).await?;
        Ok(())
    })
}
