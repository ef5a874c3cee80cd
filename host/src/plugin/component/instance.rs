//! One run of a component.

use std::rc::Rc;
use std::sync::Arc;

use capnp::Error;
use capnp::capability::FromClientHook;
use membrane::{Grants, Membrane, Registry, Tenure};
use tokio::task::JoinHandle;
use ww_capnp::provider_capnp::{provider, service};
use ww_capnp::stem_capnp::membrane as membrane_capnp;
use ww_cell::fs::{FsConfig, Union};
use ww_cell::limits::PIPE_BYTES;
use ww_cell::pipe::pipe;
use ww_cell::stdio::{Input, Output, Stdio};
use ww_cell::{Cell, CellConfig, CellError, Closer, Exit, Program};

use super::cells::Cells;
use super::limits::ComponentLimits;
use super::lines::Written;
use super::place::Place;
use crate::plugin::log::Log;
use crate::plugin::provider::Label;

/// What instances of a component are made of.
pub(in crate::plugin) struct Recipe {
    pub(super) label: Label,
    pub(super) program: Program,
    pub(super) limits: ComponentLimits,
    pub(super) place: Place,
    /// A component grafts nothing: what it may use, it is opened with.
    membrane: membrane_capnp::Client,
}

/// A component that runs. Dropping it ends it.
pub(in crate::plugin) struct Instance {
    pub(in crate::plugin) provider: provider::Client,
    closer: Closer,
    running: JoinHandle<Exit>,
}

/// An instance that is open.
pub(super) struct Open {
    pub(super) service: service::Client,
    pub(super) provider: provider::Client,
    pub(super) closer: Closer,
    /// What it may use ends with this.
    _tenure: Tenure,
}

impl Recipe {
    pub(in crate::plugin) fn new(
        label: Label,
        program: Program,
        limits: ComponentLimits,
        place: Place,
        cells: &Cells,
    ) -> Self {
        let (name, worker) = (label.name.to_string(), cells.worker.clone());
        let membrane = Membrane::client(Rc::new(Registry::new()), Grants::none(), worker, name);
        Self { label, program, limits, place, membrane }
    }

    /// Makes an instance and lets it run.
    ///
    /// `afterwards` hears how it has ended, and what it has complained of last.
    pub(in crate::plugin) fn start(
        &self,
        afterwards: impl FnOnce(&Exit, Option<String>) -> String + 'static,
    ) -> Result<Instance, CellError> {
        let (output, written) = pipe(PIPE_BYTES);
        let written = Written::new(written, Log::of(self.label.name.as_str()));
        let nothing = Union::new(Vec::new()).map_err(|error| CellError::Files(std::io::Error::other(error)))?;
        let mut files = FsConfig::new(Arc::new(nothing));
        (files.var, files.tmp) = (self.place.home(), ww_cell::fs::Home::Nowhere);
        files.limits = self.limits.of_files();
        let config = CellConfig {
            name: self.label.name.to_string(),
            args: Vec::new(),
            env: Vec::new(),
            stdio: Stdio { stdin: Input::empty(), stdout: Output::pipe(output.clone()), stderr: Output::pipe(output) },
            files,
            membrane: self.membrane.clone().into_client_hook(),
            limits: self.limits.of_cell(),
            afterwards: Some({
                let written = written.clone();
                Box::new(move |exit| afterwards(exit, written.last_error()))
            }),
        };
        let cell = Cell::new(&self.program, config)?;
        let (provider, closer) = (FromClientHook::new(cell.bootstrap()), cell.closer());
        tokio::task::spawn_local(written.copy());
        Ok(Instance { provider, closer, running: tokio::task::spawn_local(cell.run()) })
    }
}

impl Instance {
    pub(super) fn opened(&self, service: service::Client, tenure: Tenure) -> Open {
        Open { service, provider: self.provider.clone(), closer: self.closer.clone(), _tenure: tenure }
    }

    /// Ends it: what is left of it fails as `disconnected`.
    pub(in crate::plugin) fn end(&self) {
        self.closer.close(closed());
        self.running.abort();
    }

    /// Waits for its end.
    pub(super) async fn ended(&mut self) {
        // It is told of before, and a panic of ours in its task is its end, too.
        let _ = (&mut self.running).await;
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.running.abort();
    }
}

/// Why nothing comes of an instance any more.
pub(super) fn closed() -> Error {
    Error::disconnected("the provider is closed".into())
}
