//! Guests of this repository as programs for cells of this process.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ww_cell::{Engine, EngineConfig, Program};

use crate::binary;

/// A guest that is built once, and compiled once.
pub struct Guest {
    folder: &'static str,
    binary: &'static str,
    component: OnceLock<PathBuf>,
}

impl Guest {
    /// The binary of that name of the guest crate in `folder`, such as `tests/guests/hostile`.
    pub const fn new(folder: &'static str, binary: &'static str) -> Self {
        Self { folder, binary, component: OnceLock::new() }
    }

    /// Its component.
    ///
    /// # Panics
    /// Where it does not build, or has no binary of that name.
    pub fn component(&self) -> &Path {
        self.component.get_or_init(|| {
            let built = binary::guest(self.folder).remove(self.binary);
            built.unwrap_or_else(|| panic!("{} has no binary {}", self.folder, self.binary))
        })
    }

    /// The same as a program.
    ///
    /// # Panics
    /// Where it cannot be built or compiled.
    pub async fn program(&self) -> Program {
        let bytes = std::fs::read(self.component()).expect("read the guest's component");
        engine().program(&bytes).await.expect("compile the guest's component")
    }
}

/// The engine of this process.
///
/// # Panics
/// Where it cannot be set up.
pub fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::new(&EngineConfig::default()).expect("set up the engine"))
}
