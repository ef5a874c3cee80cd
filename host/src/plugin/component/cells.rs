//! What the components of a node run on.

use std::cell::OnceCell;
use std::path::PathBuf;
use std::rc::Rc;

use membrane::Worker;
use ww_cell::{CellError, Engine, EngineConfig, Program};

use super::restarts::Restarts;
use crate::plugin::file::PluginFile;
use crate::progress;

/// What the components of a node run on, on one worker.
pub struct Cells {
    config: EngineConfig,
    engine: OnceCell<Engine>,
    /// The folder in which providers keep what they may keep.
    pub(super) state: PathBuf,
    pub(super) worker: Rc<Worker>,
    /// When those that fail are started again.
    pub restarts: Restarts,
}

impl Cells {
    /// Cells of `worker`; what providers keep lies in the folder `state`. The engine is set up when it is needed.
    pub fn new(config: EngineConfig, state: PathBuf, worker: Rc<Worker>) -> Self {
        Self { config, engine: OnceCell::new(), state, worker, restarts: Restarts::default() }
    }

    /// As [`Cells::new`], on an engine that is there.
    pub fn on(engine: Engine, state: PathBuf, worker: Rc<Worker>) -> Self {
        let cells = Self::new(EngineConfig::default(), state, worker);
        cells.engine.get_or_init(|| engine);
        cells
    }

    /// The engine.
    ///
    /// # Errors
    /// Where it cannot be set up.
    pub fn engine(&self) -> Result<&Engine, CellError> {
        match self.engine.get() {
            Some(engine) => Ok(engine),
            None => {
                let engine = Engine::new(&self.config)?;
                Ok(self.engine.get_or_init(|| engine))
            }
        }
    }

    /// Compiles a component, where that has not been done before.
    pub(in crate::plugin) async fn program(&self, file: &PluginFile) -> Result<Program, CellError> {
        let compiling = format!("compiling {}", file.path().display());
        progress::show(&compiling, self.engine()?.program(file.bytes())).await
    }
}
