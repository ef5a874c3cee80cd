//! A worker with component providers, and callers that hold what they graft.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::OnceLock;

use capnp::Error;
use capnp::capability::FromClientHook;
use membrane::{Authority, Grants, Membrane, Registry, Worker};
use tempfile::TempDir;
use tokio::runtime::Builder;
use tokio::task::LocalSet;
use ww::plugin::component::{Cells, Restarts};
use ww::plugin::plan::{NamedFile, Options};
use ww::plugin::settings::Settings;
use ww::plugin::{OpenError, Plan, Providers};
use ww_tests::binary::component;
use ww_tests::guest::engine;

/// A worker, and what components on it have.
pub(crate) struct Node {
    pub(crate) worker: Rc<Worker>,
    pub(crate) cells: Cells,
    place: TempDir,
}

/// Providers that are open, and what they supply.
pub(crate) struct Opened {
    registry: Rc<Registry>,
    worker: Rc<Worker>,
    pub(crate) providers: Providers,
}

/// Runs a test on one thread.
pub(crate) fn run(test: impl AsyncFnOnce(&Node)) {
    let runtime = Builder::new_current_thread().enable_all().build().expect("start a runtime");
    LocalSet::new().block_on(&runtime, async {
        let worker = Worker::new(&Authority::new(0));
        tokio::task::spawn_local(worker.clone().run());
        let place = tempfile::tempdir().expect("a temporary folder");
        let cells = Cells::on(engine().clone(), place.path().join("state"), worker.clone());
        test(&Node { worker, cells, place }).await;
    });
}

/// The component of `tests/plugins/unruly`.
pub(crate) fn unruly() -> &'static Path {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    FILE.get_or_init(|| component("tests/plugins/unruly"))
}

impl Node {
    /// The same, where failures are handled like this.
    pub(crate) fn with(&self, restarts: Restarts) -> Cells {
        let mut cells = Cells::on(engine().clone(), self.place.path().join("state"), self.worker.clone());
        cells.restarts = restarts;
        cells
    }

    /// Opens a component under a name, with these lines of `[plugins.NAME]`.
    pub(crate) async fn open(&self, file: &Path, name: &str, settings: &str) -> Result<Opened, OpenError> {
        self.open_on(&self.cells, file, name, settings).await
    }

    pub(crate) async fn open_on(
        &self,
        cells: &Cells,
        file: &Path,
        name: &str,
        settings: &str,
    ) -> Result<Opened, OpenError> {
        let config = self.place.path().join(format!("{name}.toml"));
        std::fs::write(&config, format!("[plugins.{name}]\n{settings}")).expect("a configuration");
        let plugin = NamedFile { name: Some(name.parse().expect("a name")), file: file.to_owned() };
        let options = Options { plugins: vec![plugin], ..Options::default() };
        let settings = Settings::load(Some(&config)).expect("a configuration that can be read");
        let mut plan = Plan::make(options, settings, &[]).expect("a plan");
        plan.complete(&[]).expect("a plan that can be carried out");
        let mut registry = Registry::new();
        let providers = Providers::open(plan.plugins, &mut registry, &self.worker, cells).await?;
        Ok(Opened { registry: Rc::new(registry), worker: self.worker.clone(), providers })
    }

    /// Writes a file of the test's own.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.place.path().join(name);
        std::fs::write(&path, bytes).expect("a file");
        path
    }
}

impl Opened {
    /// What a caller of this name grafts.
    pub(crate) async fn graft<C: FromClientHook>(&self, caller: &str) -> Result<C, Error> {
        let (registry, worker) = (self.registry.clone(), self.worker.clone());
        let membrane = Membrane::client(registry, Grants::all(), worker, caller.to_owned());
        let answer = membrane.graft_request().send().promise.await?;
        answer.get()?.get_caps()?.get(0).get_cap().get_as_capability()
    }
}
