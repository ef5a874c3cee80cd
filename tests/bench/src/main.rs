//! Measures, and prints each figure beside what it is compared with, taken in the same run.
//!
//! `cargo xtask bench [GROUP…] [--json FILE]`. What is compared is measured in alternating rounds, so that whatever else
//! the machine does hits both alike; how much that was is printed with the result. Everything runs on one thread, as the
//! cells of a worker do.

mod bare;
mod bench_capnp;
mod caller;
mod groups;
mod load;
mod memory;
mod node;
mod object;
mod provider;
mod report;
mod rpc;
mod series;
mod server;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;
use tokio::task::LocalSet;

use crate::groups::Group;
use crate::load::Watch;
use crate::report::Report;

/// Measures, and prints each figure beside what it is compared with.
#[derive(Parser)]
#[command(name = "cargo xtask bench")]
struct Cli {
    /// What to measure; all groups where none is named.
    groups: Vec<Group>,
    /// Write the result to this file as well, as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Only the series whose name contains this; ratios that need another one are left out.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// How many rounds of the calls, where more or fewer than usual are wanted.
    #[arg(long, default_value_t = 60)]
    rounds: u32,
    /// Run this component without a node, and measure nothing: this is what `start` compares `ww run` with.
    #[arg(long, hide = true, exclusive = true, value_name = "FILE")]
    bare: Option<PathBuf>,
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if let Some(component) = &cli.bare {
        return runtime.block_on(bare::run_file(component, groups::START_ARGS));
    }
    if cfg!(debug_assertions) {
        eprintln!("note: this build is not optimized, its figures mean nothing");
    }
    let report = runtime.block_on(LocalSet::new().run_until(measure(&cli)))?;
    println!("{report}");
    if let Some(path) = &cli.json {
        std::fs::write(path, report.json()?).with_context(|| format!("write {}", path.display()))?;
    }
    Ok(())
}

async fn measure(cli: &Cli) -> Result<Report> {
    let node = node::Node::start().await?;
    Group::chosen(&cli.groups).for_each(Group::prepare);
    let mut report = Report::new(cli.rounds, cli.only.clone());
    // Only now: what was built before is no measurement.
    let watch = Watch::start()?;
    for group in Group::chosen(&cli.groups) {
        eprintln!("==> {}", group.name());
        group.measure(&node, &mut report).await.with_context(|| format!("group {}", group.name()))?;
    }
    report.finish(watch.stop()?);
    Ok(report)
}
