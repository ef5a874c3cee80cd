//! The plugin that is measured, opened as a node opens it.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::Result;
use membrane::{Registry, Worker};
use ww::plugin::component::Cells;
use ww::plugin::plan::{NamedFile, Options};
use ww::plugin::settings::Settings;
use ww::plugin::{Plan, Providers};
use ww_tests::guest::engine;

/// Where its crate lies in the repository.
pub(crate) const CRATE: &str = "tests/plugins/bench";

/// Opens an instance under this name: from reading and checking its file to its service.
///
/// # Errors
/// What is wrong with the file, or the plugin.
pub(crate) async fn open(file: &Path, name: &str, worker: &Rc<Worker>) -> Result<(Registry, Providers)> {
    open_on(file, name, worker, &Cells::on(engine().clone(), PathBuf::new(), worker.clone())).await
}

/// As [`open`]; a component runs on these cells.
pub(crate) async fn open_on(
    file: &Path,
    name: &str,
    worker: &Rc<Worker>,
    cells: &Cells,
) -> Result<(Registry, Providers)> {
    let plugin = NamedFile { name: Some(name.parse()?), file: file.to_owned() };
    let mut plan = Plan::make(Options { plugins: vec![plugin], ..Options::default() }, Settings::default(), &[])?;
    plan.complete(&[])?;
    let mut registry = Registry::new();
    let providers = Providers::open(plan.plugins, &mut registry, worker, cells).await?;
    Ok((registry, providers))
}
