//! Runs a guest that says what it is told to, `tests/guests/fuzz`, against a root of the conformance suite.

use std::rc::Rc;
use std::sync::Arc;

use capnp::capability::FromClientHook;
use tokio::runtime::Builder;
use tokio::task::LocalSet;
use ww_cell::fs::{FsConfig, LocalTree};
use ww_cell::pipe::pipe;
use ww_cell::stdio::{Input, Output, Stdio};
use ww_cell::{Cell, CellConfig, CellLimits, Exit};
use ww_conformance::conformance_capnp::peer;
use ww_conformance::{InPlace, Site};
use ww_tests::guest::Guest;

use crate::says::Says;

/// What a guest does beside saying: flags of `tests/guests/fuzz`.
pub(crate) const READS: u8 = 1;
pub(crate) const CLOSES: u8 = 2;
pub(crate) const WAITS: u8 = 4;
pub(crate) const DEAF: u8 = 8;
pub(crate) const LATE: u8 = 16;
pub(crate) const TRAPS: u8 = 32;

/// Whether a guest reads what it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ears {
    /// All the time, and to the end.
    Open,
    /// Not as long as it has something to say.
    Shut,
}

/// The guest.
pub(crate) static GUEST: Guest = Guest::new("tests/guests/fuzz", "fuzz");

/// What the guest is told by its standard input.
pub(crate) fn input(says: &Says, ears: Ears) -> Vec<u8> {
    let reads = if ears == Ears::Open { READS } else { 0 };
    [&[reads | CLOSES | WAITS], &says.0[..]].concat()
}

/// Runs a guest to its end: how it ended, and what it has called.
pub(crate) fn run(says: &Says, ears: Ears) -> (Exit, Site) {
    let runtime = Builder::new_current_thread().enable_all().build().expect("start a runtime");
    LocalSet::new().block_on(&runtime, async {
        let site = Site::new(Rc::new(InPlace), || ());
        let exit = cell(input(says, ears), site.peer()).await.run().await;
        (exit, site)
    })
}

/// A guest that starts with `root`, and is told `input`.
pub(crate) async fn cell(input: Vec<u8>, root: peer::Client) -> Cell {
    let (writer, stdin) = pipe(input.len());
    writer.write_all(&input).await.expect("room for all");
    let (output, _unread) = pipe(64 << 10);
    let image = GUEST.component().parent().expect("a component lies in a folder");
    let config = CellConfig {
        name: "fuzz".into(),
        args: vec!["rpc".into()],
        env: Vec::new(),
        stdio: Stdio { stdin: Input::pipe(stdin), stdout: Output::pipe(output.clone()), stderr: Output::pipe(output) },
        files: FsConfig::new(Arc::new(LocalTree::open(image).expect("open an image"))),
        membrane: root.into_client_hook(),
        limits: CellLimits::default(),
        afterwards: None,
    };
    Cell::new(&GUEST.program().await, config).expect("make a cell")
}
