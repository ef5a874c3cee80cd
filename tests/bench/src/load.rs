//! What else the machine was doing.

use std::fmt;
use std::time::Instant;

use anyhow::{Context, Result};
use serde::Serialize;

/// Cores that other processes may use meanwhile: past it, figures are compared that were not taken under the same
/// conditions. The load of the last minute would not do: it still counts the build of what is measured.
const DISTURBANCE: f64 = 0.25;

/// The machine during a run.
#[derive(Serialize)]
pub(crate) struct Load {
    /// Cores.
    pub(crate) cores: usize,
    /// The load of the last minute, before and after.
    pub(crate) start: f64,
    pub(crate) end: f64,
    /// Cores that other processes used on average.
    pub(crate) others: f64,
    /// Seconds that it took.
    pub(crate) seconds: f64,
    /// Why the figures should not be relied on.
    pub(crate) disturbed: Option<String>,
}

impl fmt::Display for Load {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cores, start, end, others, seconds, disturbed } = self;
        write!(formatter, "load {start:.2} at the start, {end:.2} at the end, on {cores} cores; ")?;
        write!(formatter, "other processes used {others:.2} cores during {seconds:.0} s")?;
        match disturbed {
            Some(reason) => write!(formatter, "\nWORTHLESS: {reason}; run it again on a quiet machine"),
            None => Ok(()),
        }
    }
}

/// Watches the machine during a run.
pub(crate) struct Watch {
    start: f64,
    since: Instant,
    machine: f64,
    own: f64,
}

impl Watch {
    pub(crate) fn start() -> Result<Self> {
        Ok(Self { start: load()?, since: Instant::now(), machine: busy_ticks()?, own: own_ticks()? })
    }

    pub(crate) fn stop(self) -> Result<Load> {
        let cores = std::thread::available_parallelism()?.get();
        let seconds = self.since.elapsed().as_secs_f64();
        let ticks = (busy_ticks()? - self.machine) - (own_ticks()? - self.own);
        let others = (ticks / TICKS_PER_SECOND / seconds).max(0.0);
        Ok(Load { cores, start: self.start, end: load()?, others, seconds, disturbed: judge(others) })
    }
}

/// The kernel's unit for times in `/proc`, the same on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

fn judge(others: f64) -> Option<String> {
    (others > DISTURBANCE).then(|| format!("other processes used {others:.2} cores meanwhile"))
}

fn load() -> Result<f64> {
    let text = std::fs::read_to_string("/proc/loadavg")?;
    Ok(text.split_whitespace().next().context("/proc/loadavg is empty")?.parse()?)
}

/// What all cores together have worked.
fn busy_ticks() -> Result<f64> {
    let text = std::fs::read_to_string("/proc/stat")?;
    let fields: Vec<f64> =
        text.lines().next().unwrap_or_default().split_whitespace().skip(1).filter_map(|it| it.parse().ok()).collect();
    // user, nice, system, idle, iowait, irq, softirq, steal; guests are counted in the first two.
    Ok(fields.iter().take(8).sum::<f64>() - fields.get(3..5).map_or(0.0, |idle| idle.iter().sum()))
}

/// What this process has worked, and the processes that it started and waited for.
fn own_ticks() -> Result<f64> {
    let text = std::fs::read_to_string("/proc/self/stat")?;
    // The name of the program, in parentheses, may hold anything.
    let (_, fields) = text.rsplit_once(')').context("/proc/self/stat has no name")?;
    // Time in user mode and in the kernel are the 14th and 15th of all, two of which lie before these; then the same of its
    // children.
    Ok(fields.split_whitespace().skip(11).take(4).filter_map(|it| it.parse::<f64>().ok()).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_machine_is_named() {
        assert!(judge(0.1).is_none());
        assert!(judge(0.9).is_some_and(|it| it.contains("0.90 cores")));
    }

    #[test]
    fn the_machine_can_be_read() -> Result<()> {
        let load = Watch::start()?.stop()?;
        assert!(load.cores > 0 && load.others >= 0.0);
        Ok(())
    }
}
