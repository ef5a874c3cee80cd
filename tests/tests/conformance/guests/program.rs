//! The guest as a program, compiled once.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use capnp::private::capability::ClientHook;
use ww_cell::fs::{FsConfig, LocalTree};
use ww_cell::pipe::{PipeReader, pipe};
use ww_cell::stdio::{Input, Output, Stdio};
use ww_cell::{Cell, CellConfig, CellLimits, Engine, EngineConfig, Program};
use ww_tests::binary;

/// Bytes of output that a guest may leave unread.
const OUTPUT: usize = 64 << 10;

fn component() -> &'static PathBuf {
    static COMPONENT: OnceLock<PathBuf> = OnceLock::new();
    COMPONENT.get_or_init(|| {
        binary::guest("tests/guests/conformance").remove("conformance").expect("the guest has a binary of that name")
    })
}

async fn program() -> Program {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    let engine = ENGINE.get_or_init(|| Engine::new(&EngineConfig::default()).expect("set up the engine"));
    let bytes = std::fs::read(component()).expect("read the guest's component");
    engine.program(&bytes).await.expect("compile the guest's component")
}

/// A cell that runs the guest, and what it prints.
pub(super) async fn cell(arguments: &[&str], membrane: Box<dyn ClientHook>) -> (Cell, PipeReader) {
    let (writer, reader) = pipe(OUTPUT);
    let image = component().parent().expect("a component lies in a folder");
    let config = CellConfig {
        name: "conformance".into(),
        args: arguments.iter().map(|&it| it.to_owned()).collect(),
        env: Vec::new(),
        stdio: Stdio { stdin: Input::empty(), stdout: Output::pipe(writer.clone()), stderr: Output::pipe(writer) },
        files: FsConfig::new(Arc::new(LocalTree::open(image).expect("open an image"))),
        membrane,
        limits: CellLimits::default(),
    };
    (Cell::new(&program().await, config).expect("make a cell"), reader)
}
