//! An object of a native plugin's, called by this process and by a guest, beside the same object in process; and how long
//! it takes to load one.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::OnceLock;
use std::time::Instant;

use anyhow::Result;
use membrane::{Authority, Worker};

use crate::bench_capnp::Task;
use crate::caller::SMALL;
use crate::node::{NAME, Node};
use crate::object;
use crate::provider::{CRATE, open};
use crate::report::{Bar, Report, Unit};
use crate::series::{Calls, LARGE, Series, alternate};

/// The same calls of each of the three.
struct Kind {
    name: &'static str,
    calls: Calls,
    /// What a call of this process may take of the one in process, and what one of a guest may.
    bars: [f64; 2],
}

const KINDS: [Kind; 3] = [
    Kind { name: "ready", calls: Calls { task: Task::Echo, count: 4000, size: SMALL as u32 }, bars: [0.7, 1.3] },
    Kind { name: "later", calls: Calls { task: Task::Later, count: 2000, size: SMALL as u32 }, bars: [1.1, 2.3] },
    Kind { name: "64 KiB", calls: Calls { task: Task::Echo, count: 200, size: LARGE }, bars: [1.15, 2.0] },
];

const LOAD: &str = "load";

/// Milliseconds that loading a plugin usually takes at most.
const LOAD_LIMIT: f64 = 5.0;

impl Kind {
    /// The names of its series: in process, in the plugin, and from a guest.
    fn names(&self) -> [String; 3] {
        ["in process, local", "plugin, guarded", "guest→plugin, guarded"].map(|place| format!("{}: {place}", self.name))
    }
}

fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| ww_tests::binary::plugin(CRATE))
}

/// Builds the plugin.
pub(crate) fn prepare() {
    library();
}

pub(crate) async fn measure(node: &Node, report: &mut Report) -> Result<()> {
    let (registry, providers) = open(library(), NAME, &node.worker).await?;
    let registry = Rc::new(registry);
    let (local, guarded) = (object::local(), node.grafted(registry.clone()).await?);
    let guest = node.guest_with(registry)?;
    let mut series = Vec::new();
    for kind in &KINDS {
        let [here, plugin, from_guest] = kind.names();
        series.push(Series::here(&here, &local, kind.calls));
        series.push(Series::here(&plugin, &guarded, kind.calls));
        series.push(Series::in_guest(&from_guest, &guest.probe, None, kind.calls));
    }
    series.push(Series::new(LOAD, Unit::Milliseconds, || Box::pin(load())));
    alternate(series, report.rounds, report).await?;
    for kind in &KINDS {
        let [here, plugin, from_guest] = kind.names();
        report.compare(&plugin, &here, Bar::AtMost(kind.bars[0]));
        report.compare(&from_guest, &here, Bar::AtMost(kind.bars[1]));
    }
    report.bound_usual(LOAD, LOAD_LIMIT);
    drop((guest, guarded));
    providers.close().await;
    Ok(())
}

/// Opens another instance, and closes it again. Milliseconds until it was open.
async fn load() -> Result<f64> {
    let start = Instant::now();
    let (registry, providers) = open(library(), NAME, &Worker::new(&Authority::new(0))).await?;
    let milliseconds = start.elapsed().as_secs_f64() * 1000.0;
    drop(registry);
    providers.close().await;
    Ok(milliseconds)
}
