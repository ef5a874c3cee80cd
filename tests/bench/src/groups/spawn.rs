//! Starting a cell, beside bare wasmtime with the same component.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Instant, SystemTime};

use anyhow::{Context, Result, ensure};
use capnp::Error;
use capnp::private::capability::ClientHook;
use futures::future::LocalBoxFuture;
use membrane::{Caller, Source};
use ww_cell::Exit;

use crate::bare::Bare;
use crate::node::{Node, printed, registry};
use crate::object;
use crate::report::{Bar, Report, Unit};
use crate::series::{Series, alternate};

/// A spawn is one sample, so there are many times as many rounds: the 99th of a hundred needs some.
const ROUNDS: u32 = 20;

const MAIN: &str = "spawn to main";
const FIRST_CALL: &str = "spawn to the first call's arrival";
const EXIT: &str = "spawn to exit";
const BARE_MAIN: &str = "bare wasmtime to main";
const BARE_EXIT: &str = "bare wasmtime to exit";

pub(crate) async fn measure(node: &Node, report: &mut Report) -> Result<()> {
    let bare = &Bare::new(&node.component)?;
    let series = vec![
        Series::new(MAIN, Unit::Microseconds, || Box::pin(to_main(node))),
        Series::new(FIRST_CALL, Unit::Microseconds, || Box::pin(to_first_call(node))),
        Series::new(EXIT, Unit::Microseconds, || Box::pin(to_exit(node))),
        Series::new(BARE_MAIN, Unit::Microseconds, || Box::pin(bare_to_main(bare))),
        Series::new(BARE_EXIT, Unit::Microseconds, || Box::pin(bare_to_exit(bare))),
    ];
    alternate(series, report.rounds * ROUNDS, report).await?;
    for exit in [EXIT, BARE_EXIT] {
        report.derive(&format!("{exit}, one after the other"), Unit::PerSecond, &[exit], |it| 1e6 / it[0]);
    }
    report.compare(MAIN, BARE_MAIN, Bar::AtMost(2.0));
    report.compare(FIRST_CALL, BARE_MAIN, Bar::AtMost(3.0));
    report.compare(EXIT, BARE_MAIN, Bar::AtMost(3.0));
    report.compare(EXIT, BARE_EXIT, Bar::None);
    Ok(())
}

async fn to_main(node: &Node) -> Result<f64> {
    let start = SystemTime::now();
    let (stdio, output) = Node::heard();
    let exit = node.cell(&["main"], node.empty(), node.membrane(), stdio)?.run().await;
    since(start, printed(&exit, &output.read(usize::MAX).await)?)
}

async fn bare_to_main(bare: &Bare) -> Result<f64> {
    let start = SystemTime::now();
    let output = bare.run(&["main"], None).await?;
    since(start, printed(&Exit::Code(0), &output)?)
}

/// Microseconds from `start` until the moment that the guest read off its own clock, which shows the same time.
fn since(start: SystemTime, reached: f64) -> Result<f64> {
    let start = start.duration_since(SystemTime::UNIX_EPOCH).context("the clock is wrong")?;
    Ok((reached - start.as_nanos() as f64) / 1000.0)
}

async fn to_exit(node: &Node) -> Result<f64> {
    let start = Instant::now();
    let exit = node.cell(&["exit"], node.empty(), node.membrane(), Node::silent())?.run().await;
    let elapsed = start.elapsed();
    ensure!(exit == Exit::Code(0), "the guest ended with {exit:?}");
    Ok(elapsed.as_nanos() as f64 / 1000.0)
}

async fn bare_to_exit(bare: &Bare) -> Result<f64> {
    let start = Instant::now();
    bare.run(&["exit"], None).await?;
    Ok(start.elapsed().as_nanos() as f64 / 1000.0)
}

async fn to_first_call(node: &Node) -> Result<f64> {
    let arrival = Arrival::default();
    let registry = registry(arrival.clone())?;
    let start = Instant::now();
    let exit = node.cell(&["graft"], node.empty(), node.membrane_of(registry), Node::silent())?.run().await;
    ensure!(exit == Exit::Code(0), "the guest ended with {exit:?}");
    let arrived = arrival.0.get().context("the guest called nobody")?;
    Ok(arrived.duration_since(start).as_nanos() as f64 / 1000.0)
}

/// Notes when it is first asked for a capability.
#[derive(Clone, Default)]
struct Arrival(Rc<Cell<Option<Instant>>>);

impl Source for Arrival {
    fn attach(&self, _caller: Caller) -> LocalBoxFuture<'static, Result<Box<dyn ClientHook>, Error>> {
        self.0.set(self.0.get().or_else(|| Some(Instant::now())));
        let client = object::lean();
        Box::pin(std::future::ready(Ok(client.client.hook)))
    }
}
