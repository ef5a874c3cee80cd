//! File operations of a guest, beside those of wasmtime-wasi's own preopened directory.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use async_trait::async_trait;
use tempfile::TempDir;
use ww_cell::Exit;
use ww_cell::fs::{Entries, Entry, FsResult, LocalTree, Opened, ReadAt, Tree, TreePath, Union, Walk};
use ww_cell::limits::TICK;

use crate::bare::Bare;
use crate::node::{Node, printed};
use crate::report::{Bar, Report, Unit};
use crate::series::{Series, alternate};

/// Each sample starts a cell, so there are fewer rounds.
const PART: u32 = 3;

/// What the guest does, and the arguments that tell it so.
const OPERATIONS: &[(&str, &[&str])] = &[
    ("open", &["open", "200"]),
    ("read 4 KiB", &["read", "500"]),
    ("list 1,000 names", &["list", "5"]),
    ("read 64 MiB", &["stream"]),
];

/// How many times as long as wasmtime-wasi an operation may take with one layer.
const BAR: f64 = 1.5;

/// The same with three.
const BAR_OF_THREE: f64 = 3.0;

/// How long a file does not answer.
const STALL: Duration = Duration::from_millis(300);

const ALONE: &str = "timer's lateness";
const BESIDE: &str = "timer's lateness beside a stalled file";

pub(crate) async fn measure(node: &Node, report: &mut Report) -> Result<()> {
    let folder = files()?;
    let tree: Arc<dyn Tree> = Arc::new(LocalTree::open(folder.path())?);
    let one = union(&[folder.path()])?;
    let [lowest, middle, highest] = layers(folder.path())?;
    let three = union(&[lowest.path(), middle.path(), highest.path()])?;
    let stalled: Arc<dyn Tree> = Arc::new(Stalled(tree.clone()));
    let bare = &Bare::new(&node.component)?;
    let path = folder.path();
    let mut series = Vec::new();
    for (name, args) in OPERATIONS {
        let [ours, merged, theirs] = names(name);
        for (name, tree) in [(ours, &one), (merged, &three)] {
            series.push(Series::new(name, Unit::Microseconds, move || Box::pin(in_cell(node, args, tree.clone()))));
        }
        series.push(Series::new(theirs, Unit::Microseconds, move || Box::pin(in_bare(bare, args, path))));
    }
    series.push(Series::new(ALONE, Unit::Milliseconds, || Box::pin(lateness(node, node.empty()))));
    series.push(Series::new(BESIDE, Unit::Milliseconds, || Box::pin(lateness(node, stalled.clone()))));
    alternate(series, report.rounds / PART, report).await?;
    for (name, _) in OPERATIONS {
        let [ours, merged, theirs] = names(name);
        report.compare(&ours, &theirs, Bar::AtMost(BAR));
        report.compare(&merged, &theirs, Bar::AtMost(BAR_OF_THREE));
    }
    report.bound(BESIDE, 2.0 * TICK.as_secs_f64() * 1000.0);
    Ok(())
}

fn names(operation: &str) -> [String; 3] {
    ["one layer", "three layers", "wasmtime-wasi"].map(|kind| format!("{operation}, {kind}"))
}

fn union(paths: &[&Path]) -> Result<Arc<dyn Tree>> {
    let trees = paths.iter().map(|path| Ok(Arc::new(LocalTree::open(path)?) as Arc<dyn Tree>));
    Ok(Arc::new(Union::new(trees.collect::<io::Result<_>>()?)?))
}

/// The same files in three layers, as far down as they can be: all that is above them is looked through first. The long
/// directory is in each of them, with a third of its names.
fn layers(files: &Path) -> Result<[TempDir; 3]> {
    let layers = [tempfile::tempdir()?, tempfile::tempdir()?, tempfile::tempdir()?];
    for name in ["small", "large"] {
        std::fs::hard_link(files.join(name), layers[0].path().join(name))?;
    }
    for (index, name) in std::fs::read_dir(files.join("many"))?.enumerate() {
        let many = layers[index % layers.len()].path().join("many");
        std::fs::create_dir_all(&many)?;
        std::fs::write(many.join(name?.file_name()), [])?;
    }
    Ok(layers)
}

/// What the guest expects to find.
fn files() -> Result<TempDir> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("small"), [7; 4096])?;
    std::fs::write(folder.path().join("large"), vec![7; 64 << 20])?;
    let many = folder.path().join("many");
    std::fs::create_dir(&many)?;
    for index in 0..1000 {
        std::fs::write(many.join(format!("name-{index:04}")), [])?;
    }
    Ok(folder)
}

async fn in_cell(node: &Node, args: &[&str], tree: Arc<dyn Tree>) -> Result<f64> {
    let (stdio, output) = Node::heard();
    let exit = node.cell(args, tree, node.membrane(), stdio)?.run().await;
    Ok(printed(&exit, &output.read(usize::MAX).await)? / 1000.0)
}

async fn in_bare(bare: &Bare, args: &[&str], root: &Path) -> Result<f64> {
    Ok(printed(&Exit::Code(0), &bare.run(args, Some(root)).await?)? / 1000.0)
}

/// How late the latest timer of a guest is, in milliseconds, while another one on the same thread reads from `tree`.
async fn lateness(node: &Node, tree: Arc<dyn Tree>) -> Result<f64> {
    let reader = tokio::task::spawn_local(node.cell(&["read", "1"], tree, node.membrane(), Node::silent())?.run());
    let microseconds = in_cell(node, &["timer", "100"], node.empty()).await?;
    reader.await?;
    Ok(microseconds / 1000.0)
}

/// A tree whose files take long to answer, as on a disk that has to spin up.
struct Stalled(Arc<dyn Tree>);

#[async_trait]
impl Tree for Stalled {
    async fn lookup(&self, path: &TreePath) -> FsResult<Walk<Entry>> {
        self.0.lookup(path).await
    }

    async fn open(&self, path: &TreePath) -> FsResult<Walk<Opened>> {
        Ok(self.0.open(path).await?.map(|opened| match opened {
            Opened::File(entry, file) => Opened::File(entry, Arc::new(StalledFile(file))),
            directory => directory,
        }))
    }

    async fn list(&self, path: &TreePath) -> FsResult<Walk<Box<dyn Entries>>> {
        self.0.list(path).await
    }
}

struct StalledFile(Arc<dyn ReadAt>);

impl ReadAt for StalledFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::thread::sleep(STALL);
        self.0.read_at(buffer, offset)
    }
}
