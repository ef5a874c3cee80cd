//! The plugin that is checked.

use std::cell::{Cell, OnceCell};
use std::path::PathBuf;
use std::rc::Rc;

use membrane::{Authority, Granted, Name, Worker};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ww_cell::EngineConfig;

use super::instance::{Fresh, Opened};
use super::outcome::{Found, Outcome, failed};
use super::stand_in;
use crate::cli::{Limits, compiler};
use crate::plugin::component::{Cells, ComponentLimits, Place, Recipe, why};
use crate::plugin::file::{Kind, PluginFile};
use crate::plugin::provider::{Label, Started};
use crate::plugin::{Library, Manifest};

/// What a child is told of the plugin: one line of JSON, since a configuration may hold secrets.
#[derive(Serialize, Deserialize)]
pub(super) struct Task {
    pub(super) name: String,
    pub(super) file: PathBuf,
    /// The digest of the file that the parent has read.
    pub(super) sha256: String,
    pub(super) config: Map<String, Value>,
    /// What there are to be stand-ins for.
    pub(super) stand_ins: Vec<String>,
    /// Whether a component has a `/var`.
    pub(super) state: bool,
    pub(super) limits: ComponentLimits,
    /// A folder for as long as the check takes.
    pub(super) scratch: PathBuf,
}

/// The plugin, in the child.
pub(super) struct Subject {
    pub(super) label: Label,
    pub(super) manifest: Manifest,
    /// What the operator configured.
    pub(super) config: Map<String, Value>,
    stand_ins: Vec<Name>,
    source: Source,
    /// What an instance has failed of.
    pub(super) failure: OnceCell<String>,
    /// Whether it did not close when it was asked to: it is not waited for again.
    pub(super) closes_badly: Cell<bool>,
}

enum Source {
    Native(Library),
    Component(Recipe),
}

impl Subject {
    /// Reads the file, and makes it ready for instances. Within a `LocalSet`.
    pub(super) async fn load(task: Task) -> Result<Self, String> {
        let file = PluginFile::read(&task.file).map_err(text)?;
        file.require_sha256(task.sha256.parse().map_err(text)?).map_err(text)?;
        let label = Label { name: task.name.parse().map_err(text)?, file: task.file.clone() };
        let (manifest, config) = (file.manifest().clone(), task.config.clone());
        let stand_ins = task.stand_ins.iter().map(|name| name.parse().map_err(text)).collect::<Result<_, _>>()?;
        let source = match file.kind() {
            Kind::Native(_) => Source::Native(Library::prepare(file).map_err(text)?),
            Kind::Component => Source::Component(recipe(&task, label.clone(), &file).await?),
        };
        let (failure, closes_badly) = Default::default();
        Ok(Self { label, manifest, config, stand_ins, source, failure, closes_badly })
    }

    /// Makes an instance. It is not open.
    pub(super) fn start(&self) -> Found<Fresh> {
        match &self.source {
            Source::Native(library) => match Started::start(self.label.clone(), library) {
                Ok(started) => Ok(Fresh::native(started)),
                Err(error) => failed(format!("{}: {}", error.phase, error.cause)),
            },
            Source::Component(recipe) => {
                let ended = Rc::<OnceCell<String>>::default();
                let end = ended.clone();
                let started = recipe.start(move |exit, complaint| end.get_or_init(|| why(exit, complaint)).clone());
                let instance = started.map_err(|error| Outcome::Failed(format!("start: {error}")))?;
                Ok(Fresh::component(instance, ended))
            }
        }
    }

    /// Makes an instance, and opens it as the operator configured it.
    pub(super) async fn open(&self) -> Found<Opened<'_>> {
        let fresh = self.start()?;
        match fresh.open(&self.config, self.grants()).await {
            Ok(service) => Ok(Opened::new(self, fresh, service)),
            Err(error) => {
                self.note(&fresh);
                Err(Outcome::fails("open", &error))
            }
        }
    }

    /// What an instance is opened with.
    pub(super) fn grants(&self) -> Granted {
        stand_in::for_each(&self.stand_ins)
    }

    /// Keeps in mind what an instance has failed of, where it has.
    pub(super) fn note(&self, fresh: &Fresh) {
        if let Some(why) = fresh.failure() {
            // The first failure is the one to be told of.
            let _ = self.failure.set(why);
        }
    }
}

async fn recipe(task: &Task, label: Label, file: &PluginFile) -> Result<Recipe, String> {
    let worker = Worker::new(&Authority::new(0));
    tokio::task::spawn_local(worker.clone().run());
    let compiler = compiler(Limits::default(), false).map_err(text)?;
    let cache = Some(task.scratch.join("cache"));
    let engine = EngineConfig { cache, compiler: Some(compiler), ..EngineConfig::default() };
    let state = task.scratch.join("state");
    let place = if task.state { Place::of(&state, label.name.as_str()).map_err(text)? } else { Place::nowhere() };
    let cells = Cells::new(engine, state, worker);
    let program = cells.program(file).await.map_err(text)?;
    Ok(Recipe::new(label, program, task.limits, place, &cells))
}

fn text(error: impl ToString) -> String {
    error.to_string()
}
