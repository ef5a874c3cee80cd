//! `ww run` from the start of the process to the guest's first line, beside a process that runs the same component as
//! wasmtime's own command does.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use ww_tests::binary;
use ww_tests::process::Place;

use crate::bare;
use crate::node::Node;
use crate::report::{Report, Unit};
use crate::series::{Series, alternate};

/// What tells the guest to print a line and end.
pub(crate) const ARGS: &[&str] = &["main"];

/// Each sample starts a process, and every other one compiles, so there are fewer rounds.
const PART: u32 = 3;

/// Milliseconds that a node may take beyond the bare run, with compiled code at hand.
const BAR_MS: f64 = 100.0;

const WARM: &str = "ww run to the first line, warm code cache";
const COLD: &str = "ww run to the first line, cold code cache";
const BARE_WARM: &str = "bare run to the first line, compiled before";
const BARE_COLD: &str = "bare run to the first line, compiling";
const BEYOND: &str = "ww run beyond the bare run, warm";
const BEYOND_COLD: &str = "ww run beyond the bare run, cold";

/// Builds the program.
pub(crate) fn prepare() {
    binary::ww();
}

pub(crate) async fn measure(node: &Node, report: &mut Report) -> Result<()> {
    let files = &Files::new(&node.component)?;
    let series = vec![
        Series::new(WARM, Unit::Milliseconds, || Box::pin(async { first_line(&mut files.ww(&files.data)) })),
        Series::new(BARE_WARM, Unit::Milliseconds, || {
            Box::pin(async { first_line(&mut files.bare(&files.compiled)?) })
        }),
        Series::new(COLD, Unit::Milliseconds, || Box::pin(async { cold(files) })),
        Series::new(BARE_COLD, Unit::Milliseconds, || {
            Box::pin(async { first_line(&mut files.bare(&files.component)?) })
        }),
    ];
    alternate(series, report.rounds.div_ceil(PART), report).await?;
    report.derive(BEYOND, Unit::Milliseconds, &[WARM, BARE_WARM], |it| it[0] - it[1]);
    report.derive(BEYOND_COLD, Unit::Milliseconds, &[COLD, BARE_COLD], |it| it[0] - it[1]);
    report.bound(BEYOND, BAR_MS);
    Ok(())
}

/// What is run: the same guest as an image, as a component, and as compiled code.
struct Files {
    place: Place,
    image: PathBuf,
    component: PathBuf,
    compiled: PathBuf,
    /// Where the node keeps its code from run to run.
    data: PathBuf,
}

impl Files {
    fn new(component: &[u8]) -> Result<Self> {
        let place = Place::new();
        let [file, data] = ["guest.wasm", "data"].map(|name| place.path().join(name));
        let compiled = file.with_extension(bare::COMPILED);
        std::fs::write(&file, component)?;
        std::fs::write(&compiled, bare::compiled(component)?)?;
        let image = place.image("bench", &file);
        Ok(Self { place, image, component: file, compiled, data })
    }

    fn ww(&self, data: &Path) -> Command {
        let mut command = self.place.ww(["run", "--listen", "/ip4/127.0.0.1/tcp/0", "--ephemeral", "--data"]);
        command.arg(data).arg(&self.image).arg("--").args(ARGS).env("RUST_LOG", "warn");
        command
    }

    fn bare(&self, file: &Path) -> Result<Command> {
        let mut command = self.place.command(std::env::current_exe()?);
        command.arg("--bare").arg(file);
        Ok(command)
    }
}

fn cold(files: &Files) -> Result<f64> {
    first_line(&mut files.ww(TempDir::new_in(files.place.path())?.path()))
}

/// Milliseconds until a program has written a line.
fn first_line(command: &mut Command) -> Result<f64> {
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let start = Instant::now();
    let mut child = command.spawn().with_context(|| format!("start {command:?}"))?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().context("a piped standard output")?).read_line(&mut line)?;
    let elapsed = start.elapsed();
    let status = child.wait()?;
    ensure!(status.success() && line.ends_with('\n'), "{command:?} ended with {status} and printed {line:?}");
    Ok(elapsed.as_secs_f64() * 1000.0)
}
