//! The providers that a node has open.

use std::rc::Rc;

use capnp::Error;
use capnp::capability::FromClientHook;
use futures::future::LocalBoxFuture;
use membrane::{DuplicateName, Registry, Tenure, Worker};
use ww_capnp::provider_capnp::command;

use super::Library;
use super::component::{Cells, Component, Opening, STATE};
use super::file::{FileError, Kind};
use super::plan::Planned;
use super::provider::{Attachments, Label, Phase, Provider, ProviderError, Started};
use crate::control::Commands;

/// Why the plugins of a node cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A file cannot be loaded.
    #[error(transparent)]
    File(#[from] FileError),
    /// A provider does not work.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// Two capabilities of one name.
    #[error(transparent)]
    Duplicate(#[from] DuplicateName),
}

/// The providers that a node has open, in the order in which they were opened.
#[derive(Default)]
pub struct Providers(Vec<Rc<Provider>>);

impl Providers {
    /// Opens plugins one by one, and registers what each supplies. Where one fails, those before it are closed. Components
    /// run on `cells`.
    ///
    /// # Errors
    /// Why the first that cannot be opened cannot.
    pub async fn open(
        plugins: Vec<Planned>,
        registry: &mut Registry,
        worker: &Rc<Worker>,
        cells: &Cells,
    ) -> Result<Self, OpenError> {
        let mut providers = Self::default();
        for plugin in plugins {
            if let Err(error) = providers.add(plugin, registry, worker, cells).await {
                providers.close().await;
                return Err(error);
            }
        }
        Ok(providers)
    }

    async fn add(
        &mut self,
        plugin: Planned,
        registry: &mut Registry,
        worker: &Rc<Worker>,
        cells: &Cells,
    ) -> Result<(), OpenError> {
        let Planned { name, file, config, mut grants, limits, .. } = plugin;
        let state = grants.iter().any(|name| name.as_str() == STATE);
        grants.retain(|name| name.as_str() != STATE);
        let label = Label { name: name.clone(), file: file.path().to_owned() };
        let tenure = Tenure::new(worker.clone(), name.to_string());
        let mut granted = Vec::with_capacity(grants.len());
        for grant in grants {
            let cap = tenure.grant(registry, &grant).await.map_err(|error| label.fail(Phase::Open, error.extra))?;
            granted.push((grant, cap));
        }
        let party = tenure.party().clone();
        let provider = match file.kind() {
            Kind::Native(_) => {
                let library = Library::prepare(file)?;
                let opened = Started::start(label.clone(), &library)?.open(&config, granted).await?;
                Provider::native(label, opened, tenure)
            }
            Kind::Component => {
                let opening = Opening { label: label.clone(), file: &file, config, limits, state, tenure };
                Provider::component(label, Component::open(opening, cells).await?)
            }
        };
        registry.register_held(name, Attachments(provider.clone()), party)?;
        self.0.push(provider);
        Ok(())
    }

    /// The open provider of this name.
    fn get(&self, name: &str) -> Option<&Rc<Provider>> {
        self.0.iter().find(|provider| provider.name().as_str() == name)
    }

    /// Whom an operator can speak to.
    pub fn commands(&self) -> Rc<dyn Commands> {
        let mut providers = self.0.clone();
        providers.sort_by(|one, other| one.name().cmp(other.name()));
        Rc::new(CommandLines(providers))
    }

    /// What the provider of this name serves the node itself with.
    ///
    /// # Errors
    /// Where it has no such role, has failed, or does not answer. `None` where it is not open.
    pub async fn role<C: FromClientHook>(&self, name: &str, role: &str) -> Option<Result<C, ProviderError>> {
        Some(self.get(name)?.role(role).await)
    }

    /// Closes all, the last one first, since it may use those before it. What goes wrong is told, and holds up nobody.
    pub async fn close(self) {
        for provider in self.0.into_iter().rev() {
            if let Err(error) = provider.close().await {
                tracing::warn!(target: "ww::plugin", "{error}");
            }
        }
    }
}

/// The command lines of providers that are open.
struct CommandLines(Vec<Rc<Provider>>);

impl Commands for CommandLines {
    fn names(&self) -> Vec<String> {
        self.0.iter().map(|provider| provider.name().to_string()).collect()
    }

    fn command(&self, name: &str) -> LocalBoxFuture<'static, Result<command::Client, Error>> {
        let provider = self.0.iter().find(|provider| provider.name().as_str() == name).cloned();
        let missing = format!("no provider '{name}' is open");
        Box::pin(async move {
            let provider = provider.ok_or_else(|| Error::failed(missing))?;
            provider.role("command").await.map_err(|error| Error::failed(error.cause))
        })
    }
}
