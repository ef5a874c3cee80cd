//! What a guard costs.

use anyhow::Result;

use crate::bench_capnp::Task;
use crate::caller::SMALL;
use crate::node::Node;
use crate::object;
use crate::report::{Bar, Report, Unit};
use crate::rpc;
use crate::series::{Calls, LARGE, Series, alternate};

/// Capabilities in one answer.
const CAPS: u32 = 8;

const LOCAL: &str = "in process, local";

/// One kind of call, guarded and not.
#[derive(Clone, Copy)]
struct Pair {
    name: &'static str,
    calls: Calls,
}

const READY: Pair = Pair { name: "ready", calls: Calls { task: Task::Echo, count: 4000, size: SMALL as u32 } };
const PENDING: Pair = Pair { name: "pending", calls: Calls { task: Task::Later, count: 2000, size: SMALL as u32 } };
const NO_CAPS: Pair = Pair { name: "0 caps", calls: Calls { task: Task::Caps, count: 2000, size: 0 } };
const KEPT: Pair = Pair { name: "8 caps, kept", calls: Calls { task: Task::Caps, count: 500, size: CAPS } };
const FRESH: Pair = Pair { name: "8 caps, new", calls: Calls { task: Task::Fresh, count: 500, size: CAPS } };
const WHOLE: Pair = Pair { name: "64 KiB", calls: Calls { task: Task::Echo, count: 200, size: LARGE } };
const RPC: Pair = Pair { name: "64 KiB, native RPC", ..WHOLE };

impl Pair {
    fn names(&self, place: &str) -> (String, String) {
        let name = self.name;
        (format!("{place}{name}, unguarded"), format!("{place}{name}, guarded"))
    }

    /// What the guard adds, as a figure of that name.
    fn added(&self, place: &str, report: &mut Report) -> String {
        let (plain, guarded) = self.names(place);
        let name = format!("{place}{}, guard adds", self.name);
        if report.figure(&name).is_some() {
            return name;
        }
        report.derive(&name, Unit::Nanoseconds, &[&guarded, &plain], |it| it[0] - it[1]);
        name
    }

    /// What it adds for each capability of the answer.
    fn added_per_cap(&self, place: &str, report: &mut Report) -> String {
        let (with, without) = (self.added(place, report), NO_CAPS.added(place, report));
        let name = format!("{place}{}, guard adds for each", self.name);
        report.derive(&name, Unit::Nanoseconds, &[&with, &without], |it| (it[0] - it[1]) / f64::from(CAPS));
        name
    }
}

/// Where the calls are made: nothing for this process.
const HERE: &str = "";
const GUEST: &str = "guest: ";

pub(crate) async fn measure(node: &Node, report: &mut Report) -> Result<()> {
    let (local, lean) = (object::local(), object::lean());
    let guarded = node.guarded(lean.clone()).await?;
    let remote = rpc::over_pipe(local.clone());
    let remote_guarded = rpc::over_pipe(node.guarded(local.clone()).await?);
    let guest = node.guest()?;
    let mut series = vec![Series::here(LOCAL, &local, READY.calls)];
    for pair in [READY, PENDING, NO_CAPS, KEPT, FRESH, WHOLE] {
        let (plain, with) = pair.names(HERE);
        series.push(Series::here(&plain, &lean, pair.calls));
        series.push(Series::here(&with, &guarded, pair.calls));
        let (plain, with) = pair.names(GUEST);
        series.push(Series::in_guest(&plain, &guest.probe, Some(&node.echo), pair.calls));
        series.push(Series::in_guest(&with, &guest.probe, None, pair.calls));
    }
    let (plain, with) = RPC.names(HERE);
    series.push(Series::here(&plain, &remote, RPC.calls));
    series.push(Series::here(&with, &remote_guarded, RPC.calls));
    alternate(series, report.rounds, report).await?;
    judge(report);
    Ok(())
}

fn judge(report: &mut Report) {
    for place in [HERE, GUEST] {
        for (name, bar) in [
            (READY.added(place, report), 0.1),
            (PENDING.added(place, report), 0.25),
            (KEPT.added_per_cap(place, report), 0.15),
            (FRESH.added_per_cap(place, report), 0.15),
        ] {
            report.compare(&name, LOCAL, Bar::AtMost(bar));
        }
        let (plain, guarded) = WHOLE.names(place);
        report.compare(&guarded, &plain, Bar::AtMost(1.1));
    }
    let (plain, guarded) = RPC.names(HERE);
    report.compare(&guarded, &plain, Bar::AtMost(1.3));
}
