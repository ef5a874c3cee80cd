//! A component provider, from its first instance to its last.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Duration;

use capnp::Error;
use capnp::private::capability::ClientHook;
use membrane::{Caller, Tenure};
use serde_json::{Map, Value};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use ww_call::Proxy;
use ww_capnp::provider_capnp::service;
use ww_cell::{Exit, Limit};

use super::cells::Cells;
use super::healing::Healing;
use super::instance::{Instance, Open, Recipe, closed};
use super::limits::{ComponentLimits, key_for};
use super::place::Place;
use super::restarts::Failures;
use crate::plugin::file::PluginFile;
use crate::plugin::provider::{Label, Phase, ProviderError, requests};

/// What a component provider is opened with.
pub struct Opening<'a> {
    /// What messages call it.
    pub label: Label,
    /// Its file.
    pub file: &'a PluginFile,
    /// Its configuration.
    pub config: Map<String, Value>,
    /// What it may use.
    pub limits: ComponentLimits,
    /// Whether it may keep files.
    pub state: bool,
    /// What it was granted.
    pub tenure: Tenure,
}

/// A component provider: it is started again when it fails, until it is closed.
pub struct Component {
    recipe: Recipe,
    config: Map<String, Value>,
    /// What every instance is granted anew.
    tenure: Tenure,
    state: RefCell<State>,
    /// Told when the state has changed.
    changed: Notify,
    /// How many instances have ended.
    generation: Cell<u64>,
    failures: RefCell<Failures>,
    keeper: RefCell<Option<JoinHandle<()>>>,
}

enum State {
    /// The first instance is being started.
    Starting,
    Open(Rc<Open>),
    /// An instance has failed. The next one is started after a while.
    Restarting(Duration),
    Failed(String),
    Closed,
}

impl Component {
    /// Compiles a component, starts it, and opens it. Within a `LocalSet`, on the thread that it is to live on.
    ///
    /// # Errors
    /// Where it is nothing that can run, and what it says.
    pub async fn open(opening: Opening<'_>, cells: &Cells) -> Result<Rc<Self>, ProviderError> {
        let Opening { label, file, config, limits, state, tenure } = opening;
        let program = cells.program(file).await.map_err(|error| label.fail(Phase::Load, error))?;
        let place = if state { Place::of(&cells.state, label.name.as_str()) } else { Ok(Place::nowhere()) };
        let place = place.map_err(|error| label.fail(Phase::Start, error))?;
        let (changed, generation, keeper) = Default::default();
        let component = Rc::new(Self {
            recipe: Recipe::new(label, program, limits, place, cells),
            config,
            tenure,
            state: RefCell::new(State::Starting),
            changed,
            generation,
            failures: RefCell::new(Failures::new(cells.restarts)),
            keeper,
        });
        let first = component.begin().await.map_err(|error| component.label().fail(Phase::Open, error.extra))?;
        let keeping = tokio::task::spawn_local(keep(Rc::downgrade(&component), first));
        component.keeper.replace(Some(keeping));
        Ok(component)
    }

    pub(super) fn label(&self) -> &Label {
        &self.recipe.label
    }

    /// How many instances have ended.
    pub(super) fn generation(&self) -> u64 {
        self.generation.get()
    }

    /// Starts an instance, and opens it.
    async fn begin(self: &Rc<Self>) -> Result<Instance, Error> {
        let (tenure, granted) = self.tenure.again()?;
        let instance = self.recipe.start(self.afterwards()).map_err(|error| Error::failed(error.to_string()))?;
        self.failures.borrow_mut().started();
        let service = requests::open(&instance.provider, &self.config, granted).await?;
        self.turn(State::Open(Rc::new(instance.opened(service, tenure))));
        Ok(instance)
    }

    /// What the callers of an instance hear when it has ended.
    fn afterwards(self: &Rc<Self>) -> impl FnOnce(&Exit, Option<String>) -> String + use<> {
        let component = Rc::downgrade(self);
        move |exit, complaint| {
            let why = why(exit, complaint);
            // Whoever starts one looks after it until it is open.
            match component.upgrade().filter(|component| matches!(&*component.state.borrow(), State::Open(_))) {
                Some(component) => component.fail(&why),
                None => why,
            }
        }
    }

    /// An instance has failed. What those are told who still use it.
    fn fail(&self, why: &str) -> String {
        self.generation.set(self.generation.get() + 1);
        let Label { name, file } = self.label();
        let wait = self.failures.borrow_mut().failed();
        match wait {
            Some(wait) => {
                tracing::warn!(target: "ww::plugin", "provider '{name}' ({}): {why}; it is started again", file.display());
                self.turn(State::Restarting(wait));
                format!("provider '{name}' was restarted")
            }
            None => {
                tracing::error!(target: "ww::plugin", "provider '{name}' ({}): {why}; it is not started again", file.display());
                self.turn(State::Failed(why.to_owned()));
                self.label().failed(why).extra
            }
        }
    }

    fn turn(&self, state: State) {
        // What was there may be the last that holds anything.
        let _was = self.state.replace(state);
        self.changed.notify_waiters();
    }

    /// What the instance that is there is asked; while there is none, the next one.
    ///
    /// # Errors
    /// Where there is no next one.
    pub async fn service(&self) -> Result<service::Client, Error> {
        loop {
            // Told of all that changes from here on.
            let changed = self.changed.notified();
            match &*self.state.borrow() {
                State::Open(open) => return Ok(open.service.clone()),
                State::Failed(why) => return Err(self.label().failed(why)),
                State::Closed => return Err(closed()),
                State::Starting | State::Restarting(_) => {}
            }
            changed.await;
        }
    }

    /// The capability for a caller, which works on when the component is started again.
    ///
    /// # Errors
    /// What it says, and where it does not answer in time.
    pub async fn attach(self: &Rc<Self>, caller: Caller) -> Result<Box<dyn ClientHook>, Error> {
        let generation = self.generation();
        let cap = self.attach_once(&caller).await?;
        Ok(Proxy::hook(Healing::new(self.clone(), caller, generation, cap)))
    }

    /// The capability for a caller, of one instance.
    pub(super) async fn attach_once(&self, caller: &Caller) -> Result<Box<dyn ClientHook>, Error> {
        let service = self.service().await?;
        let generation = self.generation();
        requests::attach(&service, caller).await.map_err(|error| {
            // An instance that has ended meanwhile says so by itself.
            if generation == self.generation() { self.label().told(error) } else { error }
        })
    }

    /// Flushes and stops it. What is left of it fails as `disconnected`.
    ///
    /// # Errors
    /// See [`requests::close`]; where it has failed.
    pub async fn close(&self) -> Result<(), Error> {
        let was = self.state.replace(State::Closed);
        self.changed.notify_waiters();
        let outcome = match was {
            State::Open(open) => {
                let outcome = requests::close(&open.provider).await;
                open.closer.close(closed());
                outcome
            }
            State::Failed(why) => Err(self.label().failed(&why)),
            State::Starting | State::Restarting(_) | State::Closed => Ok(()),
        };
        self.end();
        outcome
    }

    /// Ends it at once.
    pub fn end(&self) {
        self.turn(State::Closed);
        if let Some(keeper) = self.keeper.take() {
            keeper.abort();
        }
    }
}

/// Looks after a component: starts it again when it has failed.
async fn keep(component: Weak<Component>, mut instance: Instance) {
    loop {
        instance.ended().await;
        instance = loop {
            let Some(component) = component.upgrade() else { return };
            let wait = match &*component.state.borrow() {
                State::Restarting(wait) => *wait,
                _ => return,
            };
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
            match component.begin().await {
                Ok(next) => break next,
                Err(error) => drop(component.fail(&error.extra)),
            }
        };
    }
}

/// Why an instance is over, which has complained of something before.
pub(in crate::plugin) fn why(exit: &Exit, complaint: Option<String>) -> String {
    let changes = |limit: &Limit| key_for(limit.kind).map_or_else(String::new, |key| format!("; `{key}` changes it"));
    match exit {
        Exit::Code(0) => "it ended by itself".to_owned(),
        Exit::Code(status) => format!("it ended by itself, with status {status}"),
        // What a panic says, which a trap does not.
        Exit::Trap { reason, refused: None, .. } => {
            format!("it trapped: {}", complaint.unwrap_or_else(|| reason.clone()))
        }
        Exit::Trap { reason, refused: Some(limit), .. } => {
            format!("it trapped: {reason}, after a limit was reached: {limit}{}", changes(limit))
        }
        Exit::Limit(limit) => format!("it was ended by a limit: {limit}{}", changes(limit)),
    }
}
