//! What a case has at hand.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use crate::calls::census;
use crate::conformance_capnp::peer;
use crate::failure::{Failure, Outcome, ensure_eq};
use crate::site::{Census, Site};
use crate::transport::{Acknowledged, Connection, Side, Traits, Transport};

/// How long a case sleeps between two looks at what it waits for.
const LOOK: Duration = Duration::from_millis(1);

/// How often it looks. What is promised takes a few turns of an executor, so this is long.
const LOOKS: usize = 3000;

/// A fresh far side, and a fresh near one.
pub struct Setting<'a> {
    transport: &'a dyn Transport,
    connection: Rc<dyn Connection>,
    closed: Cell<bool>,
    /// The far side's root.
    pub far: peer::Client,
    /// The near side: the objects that a case hands out.
    pub near: Site,
}

impl<'a> Setting<'a> {
    pub(crate) async fn new(transport: &'a dyn Transport) -> Outcome<Self> {
        let connection = transport.connect().await?;
        let far = connection.peer();
        let near = Site::new(transport.maker(), || ());
        Ok(Self { transport, connection, closed: Cell::new(false), far, near })
    }

    /// What the far side is like.
    pub fn traits(&self) -> Traits {
        self.transport.traits()
    }

    /// Whether streaming calls of the near side are acknowledged by their answers.
    pub fn streams_are_answered(&self) -> bool {
        self.traits().acknowledged == Acknowledged::ByAnswer
    }

    /// The text of an error of the far side, as the near one gets it.
    pub fn told(&self, text: &str) -> String {
        format!("{}{text}", self.traits().error_prefix)
    }

    /// Takes away a side.
    pub fn close(&self, side: Side) {
        self.closing();
        self.connection.close(side);
    }

    /// The case ends the connection by other means.
    pub fn closing(&self) {
        self.closed.set(true);
    }

    /// Waits until `holds` says so: for what the other side does in its own time, with nobody to tell when it is done.
    ///
    /// # Errors
    /// Where that takes too long, naming `what`.
    pub async fn eventually(&self, what: &str, holds: impl AsyncFn() -> Outcome<bool>) -> Outcome {
        for _ in 0..LOOKS {
            if holds().await? {
                return Ok(());
            }
            self.transport.sleep(LOOK).await;
        }
        Err(Failure::new(format!("not reached: {what}")))
    }

    /// Waits for what the far side counts.
    pub async fn far_comes_to(&self, expected: Census) -> Outcome {
        self.comes_to("far", expected, async || Ok(census(&self.far).await?)).await
    }

    /// Waits for what the near side counts.
    pub async fn near_comes_to(&self, expected: Census) -> Outcome {
        self.comes_to("near", expected, async || Ok(self.near.census())).await
    }

    /// Waits until the far side has no object and no call left; it may have abandoned some.
    pub async fn far_is_empty(&self) -> Outcome {
        self.comes_to("far", Census::default(), async || Ok(left(census(&self.far).await?))).await
    }

    /// Waits until the near side has no object and no call left; it may have abandoned some.
    pub async fn near_is_empty(&self) -> Outcome {
        self.comes_to("near", Census::default(), async || Ok(left(self.near.census()))).await
    }

    async fn comes_to(&self, side: &str, expected: Census, count: impl AsyncFn() -> Outcome<Census>) -> Outcome {
        let reached = self.eventually("a census", async || Ok(count().await? == expected)).await;
        if reached.is_err() {
            ensure_eq!(count().await?, expected, "census of the {side} side");
        }
        reached
    }

    /// Nothing that a case made outlives what it holds, on either side.
    pub(crate) async fn is_left_clean(&self) -> Outcome {
        self.near_is_empty().await?;
        if self.closed.get() { Ok(()) } else { self.far_is_empty().await }
    }
}

fn left(census: Census) -> Census {
    Census { abandoned: 0, ..census }
}
