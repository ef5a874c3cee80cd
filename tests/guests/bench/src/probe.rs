//! What the guest serves.

use std::rc::Rc;
use std::time::Instant;

use capnp::{Error, ErrorKind};
use futures::future::LocalBoxFuture;

use crate::bench_capnp::{echo, probe};
use crate::caller;

/// The name under which the harness configures its object.
pub(crate) const NAME: &str = "echo";

/// Grafts, and takes that object.
pub(crate) type Graft = Box<dyn Fn() -> LocalBoxFuture<'static, Result<echo::Client, Error>>>;

pub(crate) struct Probe {
    echo: echo::Client,
    granted: echo::Client,
    graft: Graft,
}

impl Probe {
    /// Grafts once, for all that is measured.
    pub(crate) async fn new(echo: echo::Client, graft: Graft) -> Result<Self, Error> {
        Ok(Self { echo, granted: graft().await?, graft })
    }
}

impl probe::Server for Probe {
    async fn echo(self: Rc<Self>, _: probe::EchoParams, mut results: probe::EchoResults) -> Result<(), Error> {
        results.get().set_echo(self.echo.clone());
        Ok(())
    }

    async fn measure(
        self: Rc<Self>,
        params: probe::MeasureParams,
        mut results: probe::MeasureResults,
    ) -> Result<(), Error> {
        let params = params.get()?;
        let target = if params.has_target() { params.get_target()? } else { self.granted.clone() };
        let start = Instant::now();
        caller::run(&target, params.get_task()?, params.get_calls(), params.get_size()).await?;
        results.get().set_nanoseconds(start.elapsed().as_nanos() as u64);
        Ok(())
    }

    async fn hold(self: Rc<Self>, params: probe::HoldParams, mut results: probe::HoldResults) -> Result<(), Error> {
        let target = (self.graft)().await?;
        let calls = (0..params.get()?.get_calls()).map(|_| target.never_request().send().promise);
        let ended = futures::future::join_all(calls).await;
        let failed = ended.iter().filter(|it| it.as_ref().is_err_and(|error| error.kind == ErrorKind::Disconnected));
        results.get().set_failed(failed.count() as u32);
        Ok(())
    }
}

/// The object of the guest's that the harness calls.
pub(crate) struct Echo;

impl echo::Server for Echo {
    async fn echo(self: Rc<Self>, params: echo::EchoParams, mut results: echo::EchoResults) -> Result<(), Error> {
        results.get().set_data(params.get()?.get_data()?);
        Ok(())
    }
}
