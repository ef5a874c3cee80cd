//! What is measured: series of samples, taken in alternating rounds.

use std::time::Instant;

use anyhow::Result;
use futures::future::LocalBoxFuture;

use crate::bench_capnp::{Task, echo, probe};
use crate::caller;
use crate::report::{Report, Unit};

/// Something that is measured: each sample is one number.
pub(crate) struct Series<'a> {
    name: String,
    unit: Unit,
    sample: Box<dyn Fn() -> LocalBoxFuture<'a, Result<f64>> + 'a>,
}

/// Calls of one kind.
#[derive(Clone, Copy)]
pub(crate) struct Calls {
    /// What is called.
    pub(crate) task: Task,
    /// How many calls make a sample: enough for some milliseconds, so that a clock's resolution does not matter.
    pub(crate) count: u32,
    /// What the schema says of the task's size.
    pub(crate) size: u32,
}

impl<'a> Series<'a> {
    pub(crate) fn new(
        name: impl Into<String>,
        unit: Unit,
        sample: impl Fn() -> LocalBoxFuture<'a, Result<f64>> + 'a,
    ) -> Self {
        Self { name: name.into(), unit, sample: Box::new(sample) }
    }

    /// Calls that this process makes: nanoseconds for each.
    pub(crate) fn here(name: &str, target: &'a echo::Client, calls: Calls) -> Self {
        Self::new(name, Unit::Nanoseconds, move || Box::pin(calls.made_here(target)))
    }

    /// Calls that a guest makes: nanoseconds for each, by the guest's clock. Without a target, of what it has grafted.
    pub(crate) fn in_guest(
        name: &str,
        guest: &'a probe::Client,
        target: Option<&'a echo::Client>,
        calls: Calls,
    ) -> Self {
        Self::new(name, Unit::Nanoseconds, move || Box::pin(calls.made_by(guest, target)))
    }

    /// The same as a throughput, of what goes there and what comes back.
    pub(crate) fn throughput(self) -> Self {
        let (sample, bytes) = (self.sample, 2.0 * f64::from(LARGE));
        Self {
            name: self.name,
            unit: Unit::MegabytesPerSecond,
            sample: Box::new(move || {
                let nanoseconds = sample();
                Box::pin(async move { Ok(bytes * 1000.0 / nanoseconds.await?) })
            }),
        }
    }
}

/// Bytes of the large payload.
pub(crate) const LARGE: u32 = 64 * 1024;

impl Calls {
    async fn made_here(self, target: &echo::Client) -> Result<f64> {
        let start = Instant::now();
        caller::run(target, self.task, self.count, self.size).await?;
        Ok(start.elapsed().as_nanos() as f64 / f64::from(self.count))
    }

    async fn made_by(self, guest: &probe::Client, target: Option<&echo::Client>) -> Result<f64> {
        let mut request = guest.measure_request();
        let mut params = request.get();
        params.set_task(self.task);
        params.set_calls(self.count);
        params.set_size(self.size);
        if let Some(target) = target {
            params.set_target(target.clone());
        }
        let nanoseconds = request.send().promise.await?.get()?.get_nanoseconds();
        Ok(nanoseconds as f64 / f64::from(self.count))
    }
}

/// Takes a sample of each series in every round, every other round in the opposite order, and adds them to the report.
/// One round before them is thrown away.
pub(crate) async fn alternate(series: Vec<Series<'_>>, rounds: u32, report: &mut Report) -> Result<()> {
    let series: Vec<_> = series.into_iter().filter(|it| report.wants(&it.name)).collect();
    let mut samples = vec![Vec::with_capacity(rounds as usize); series.len()];
    for round in 0..=rounds {
        let mut order: Vec<usize> = (0..series.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for index in order {
            let sample = (series[index].sample)().await?;
            if round > 0 {
                samples[index].push(sample);
            }
        }
    }
    for (series, samples) in series.into_iter().zip(samples) {
        report.add(series.name, series.unit, samples);
    }
    Ok(())
}
