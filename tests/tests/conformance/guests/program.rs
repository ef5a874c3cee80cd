//! The guests as programs, each compiled once.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use capnp::private::capability::ClientHook;
use ww_cell::fs::{FsConfig, LocalTree};
use ww_cell::pipe::{PipeReader, pipe};
use ww_cell::stdio::{Input, Output, Stdio};
use ww_cell::{Cell, CellConfig, CellLimits, Engine, EngineConfig};
use ww_conformance::Traits;
use ww_tests::binary;

/// Bytes of output that a guest may leave unread.
const OUTPUT: usize = 64 << 10;

/// A guest that runs the suite, and serves its far side.
pub(super) struct Guest {
    /// The folder in `tests/guests`, and the name of its binary.
    name: &'static str,
    /// What it is like as a far side.
    pub(super) traits: Traits,
    component: OnceLock<PathBuf>,
}

impl Guest {
    pub(super) const fn new(name: &'static str, traits: Traits) -> Self {
        Self { name, traits, component: OnceLock::new() }
    }

    fn component(&self) -> &PathBuf {
        self.component.get_or_init(|| {
            let mut built = binary::guest(&format!("tests/guests/{}", self.name));
            built.remove(self.name).expect("the guest has a binary of that name")
        })
    }

    /// A cell that runs the guest, and what it prints.
    pub(super) async fn cell(&self, arguments: &[&str], membrane: Box<dyn ClientHook>) -> (Cell, PipeReader) {
        static ENGINE: OnceLock<Engine> = OnceLock::new();
        let engine = ENGINE.get_or_init(|| Engine::new(&EngineConfig::default()).expect("set up the engine"));
        let bytes = std::fs::read(self.component()).expect("read the guest's component");
        let program = engine.program(&bytes).await.expect("compile the guest's component");
        let (writer, reader) = pipe(OUTPUT);
        let image = self.component().parent().expect("a component lies in a folder");
        let config = CellConfig {
            name: self.name.into(),
            args: arguments.iter().map(|&it| it.to_owned()).collect(),
            env: Vec::new(),
            stdio: Stdio { stdin: Input::empty(), stdout: Output::pipe(writer.clone()), stderr: Output::pipe(writer) },
            files: FsConfig::new(Arc::new(LocalTree::open(image).expect("open an image"))),
            membrane,
            limits: CellLimits::default(),
        };
        (Cell::new(&program, config).expect("make a cell"), reader)
    }
}
