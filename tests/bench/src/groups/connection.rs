//! Calls of a guest that speaks RPC by a library, over `wetware:cell/connection`, beside RPC without a guest.

use anyhow::Result;
use ww_tests::guest::Guest;

use crate::bench_capnp::Task;
use crate::caller::SMALL;
use crate::node::Node;
use crate::object;
use crate::report::{Bar, Report};
use crate::rpc;
use crate::series::{Calls, LARGE, Series, alternate};

const READY: Calls = Calls { task: Task::Echo, count: 1000, size: SMALL as u32 };
const LATER: Calls = Calls { task: Task::Later, count: 1000, size: SMALL as u32 };
const WHOLE: Calls = Calls { task: Task::Echo, count: 100, size: LARGE };

const PIPE: &str = "native RPC over a pipe in memory";
const SOCKETS: &str = "native RPC over Unix sockets";
const GUEST: &str = "guest→host over connection, guarded";
const INTO: &str = "host→guest over connection";
const PIPE_LATER: &str = "later, native RPC over a pipe in memory";
const GUEST_LATER: &str = "later, guest→host over connection";
const PIPE_WHOLE: &str = "64 KiB, native RPC over a pipe in memory";
const GUEST_WHOLE: &str = "64 KiB, guest→host over connection";

static COMPONENT: Guest = Guest::new("tests/guests/bench-rpc", "bench-rpc");

/// Builds the guest.
pub(crate) fn prepare() {
    COMPONENT.component();
}

pub(crate) async fn measure(node: &Node, report: &mut Report) -> Result<()> {
    let pipe = rpc::over_pipe(object::local());
    let sockets = rpc::over_sockets(object::local())?;
    let guest = node.guest_of(&COMPONENT.program().await, &[])?;
    let probe = &guest.probe;
    let inside = probe.echo_request().send().promise.await?.get()?.get_echo()?;
    let series = vec![
        Series::here(PIPE, &pipe, READY),
        Series::here(SOCKETS, &sockets, READY),
        Series::in_guest(GUEST, probe, None, READY),
        Series::here(INTO, &inside, READY),
        Series::here(PIPE_LATER, &pipe, LATER),
        Series::in_guest(GUEST_LATER, probe, None, LATER),
        Series::here(PIPE_WHOLE, &pipe, WHOLE).throughput(),
        Series::in_guest(GUEST_WHOLE, probe, None, WHOLE).throughput(),
    ];
    alternate(series, report.rounds, report).await?;
    report.compare(GUEST, PIPE, Bar::AtMost(2.5));
    report.compare(GUEST, SOCKETS, Bar::AtMost(2.5));
    report.compare(INTO, PIPE, Bar::None);
    report.compare(GUEST_LATER, PIPE_LATER, Bar::None);
    report.compare(GUEST_WHOLE, PIPE_WHOLE, Bar::None);
    Ok(())
}
