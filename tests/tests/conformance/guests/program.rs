//! The guests in cells.

use std::sync::Arc;

use capnp::private::capability::ClientHook;
use ww_cell::fs::{FsConfig, LocalTree};
use ww_cell::pipe::{PipeReader, pipe};
use ww_cell::stdio::{Input, Output, Stdio};
use ww_cell::{Cell, CellConfig, CellLimits};
use ww_conformance::Traits;
use ww_tests::guest;

/// Bytes of output that a guest may leave unread.
const OUTPUT: usize = 64 << 10;

/// A guest that runs the suite, and serves its far side.
pub(super) struct Guest {
    /// What it is like as a far side.
    pub(super) traits: Traits,
    guest: guest::Guest,
}

impl Guest {
    pub(super) const fn new(guest: guest::Guest, traits: Traits) -> Self {
        Self { traits, guest }
    }

    /// A cell that runs the guest, and what it prints.
    pub(super) async fn cell(&self, arguments: &[&str], membrane: Box<dyn ClientHook>) -> (Cell, PipeReader) {
        let (writer, reader) = pipe(OUTPUT);
        let image = self.guest.component().parent().expect("a component lies in a folder");
        let config = CellConfig {
            name: "conformance".into(),
            args: arguments.iter().map(|&it| it.to_owned()).collect(),
            env: Vec::new(),
            stdio: Stdio { stdin: Input::empty(), stdout: Output::pipe(writer.clone()), stderr: Output::pipe(writer) },
            files: FsConfig::new(Arc::new(LocalTree::open(image).expect("open an image"))),
            membrane,
            limits: CellLimits::default(),
            afterwards: None,
        };
        (Cell::new(&self.guest.program().await, config).expect("make a cell"), reader)
    }
}
