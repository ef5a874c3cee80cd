//! A call between a guest and its host, beside one in process and one over RPC.

use anyhow::Result;

use crate::bench_capnp::Task;
use crate::caller::SMALL;
use crate::node::Node;
use crate::object;
use crate::report::{Bar, Report};
use crate::rpc;
use crate::series::{Calls, LARGE, Series, alternate};

/// Calls in flight at once.
const FLIGHT: u32 = 64;

const READY: Calls = Calls { task: Task::Echo, count: 4000, size: SMALL as u32 };
const LATER: Calls = Calls { task: Task::Later, count: 2000, size: SMALL as u32 };
const TOGETHER: Calls = Calls { task: Task::Together, count: 4096, size: FLIGHT };
const WHOLE: Calls = Calls { task: Task::Echo, count: 200, size: LARGE };
/// Over a pipe, a call takes several times as long.
const SLOW: u32 = 5;

const LOCAL: &str = "in process, local";
const LEAN: &str = "in process, lean";
const RPC: &str = "native RPC";
const GUEST: &str = "guest→host, guarded";
const GUEST_BARE: &str = "guest→host, unguarded";
const INTO: &str = "host→guest";
const LOCAL_TOGETHER: &str = "64 in flight, local";
const GUEST_TOGETHER: &str = "64 in flight, guest→host";
const LOCAL_LATER: &str = "later, local";
const LEAN_LATER: &str = "later, lean";
const GUEST_LATER: &str = "later, guest→host";
const LOCAL_WHOLE: &str = "64 KiB, local";
const RPC_WHOLE: &str = "64 KiB, native RPC";
const GUEST_WHOLE: &str = "64 KiB, guest→host";
const INTO_WHOLE: &str = "64 KiB, host→guest";

pub(crate) async fn measure(node: &Node, report: &mut Report) -> Result<()> {
    let (local, lean) = (object::local(), object::lean());
    let remote = rpc::over_pipe(object::local());
    let guest = node.guest()?;
    let probe = &guest.probe;
    let inside = probe.echo_request().send().promise.await?.get()?.get_echo()?;
    let slow = |calls: Calls| Calls { count: calls.count / SLOW, ..calls };
    let series = vec![
        Series::here(LOCAL, &local, READY),
        Series::here(LEAN, &lean, READY),
        Series::here(RPC, &remote, slow(READY)),
        Series::in_guest(GUEST, probe, None, READY),
        Series::in_guest(GUEST_BARE, probe, Some(&node.echo), READY),
        Series::here(INTO, &inside, READY),
        Series::here(LOCAL_TOGETHER, &local, TOGETHER),
        Series::in_guest(GUEST_TOGETHER, probe, None, TOGETHER),
        Series::here(LOCAL_LATER, &local, LATER),
        Series::here(LEAN_LATER, &lean, LATER),
        Series::in_guest(GUEST_LATER, probe, None, LATER),
        Series::here(LOCAL_WHOLE, &local, WHOLE).throughput(),
        Series::here(RPC_WHOLE, &remote, WHOLE).throughput(),
        Series::in_guest(GUEST_WHOLE, probe, None, WHOLE).throughput(),
        Series::here(INTO_WHOLE, &inside, WHOLE).throughput(),
    ];
    alternate(series, report.rounds, report).await?;
    judge(report);
    Ok(())
}

fn judge(report: &mut Report) {
    report.compare(GUEST, LOCAL, Bar::AtMost(1.0));
    report.compare(GUEST, LEAN, Bar::AtMost(3.0));
    report.compare(GUEST_BARE, LOCAL, Bar::None);
    report.compare(GUEST, RPC, Bar::None);
    report.compare(GUEST_TOGETHER, LOCAL, Bar::AtMost(1.0));
    report.compare(GUEST_TOGETHER, LOCAL_TOGETHER, Bar::None);
    report.compare(GUEST_LATER, LOCAL_LATER, Bar::AtMost(2.5));
    report.compare(INTO, LOCAL, Bar::AtMost(3.0));
    report.compare(GUEST_WHOLE, RPC_WHOLE, Bar::AtLeast(2.0));
    report.compare(INTO_WHOLE, RPC_WHOLE, Bar::AtLeast(2.0));
}
