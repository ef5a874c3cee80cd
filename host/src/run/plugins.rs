//! The plugins of a node.

use std::rc::Rc;

use membrane::{Registry, Tenure, Worker};

use super::error::Error;
use super::node::offered;
use crate::cli::RunArgs;
use crate::plugin::provider::{Attachments, Label, Phase, Started};
use crate::plugin::{Library, Plan, Planned, Provider};

/// Reads and checks what the node is to load, in the order in which it is opened.
pub(super) fn plan(args: &RunArgs) -> Result<Plan, Error> {
    let mut plan = args.providers.plan()?;
    plan.complete(&offered())?;
    Ok(plan)
}

/// The providers that a node has open, in the order in which they were opened.
#[derive(Default)]
pub(super) struct Providers(Vec<Open>);

struct Open {
    provider: Rc<Provider>,
    /// What it may use ends with this.
    _tenure: Tenure,
}

impl Providers {
    /// Opens plugins one by one, and registers what each supplies. Where one fails, those before it are closed.
    pub(super) async fn open(
        plugins: Vec<Planned>,
        registry: &mut Registry,
        worker: &Rc<Worker>,
    ) -> Result<Self, Error> {
        let mut providers = Self::default();
        for plugin in plugins {
            if let Err(error) = providers.add(plugin, registry, worker).await {
                providers.close().await;
                return Err(error);
            }
        }
        Ok(providers)
    }

    async fn add(&mut self, plugin: Planned, registry: &mut Registry, worker: &Rc<Worker>) -> Result<(), Error> {
        let Planned { name, file, config, grants, .. } = plugin;
        let label = Label { name: name.clone(), file: file.path().to_owned() };
        let tenure = Tenure::new(worker.clone(), name.to_string());
        let mut granted = Vec::with_capacity(grants.len());
        for grant in grants {
            let cap = tenure.grant(registry, &grant).await.map_err(|error| label.fail(Phase::Open, error.extra))?;
            granted.push((grant, cap));
        }
        let library = Library::prepare(file)?;
        let provider = Started::start(label, &library)?.open(&config, granted).await?;
        registry.register_held(name, Attachments(provider.clone()), &tenure)?;
        self.0.push(Open { provider, _tenure: tenure });
        Ok(())
    }

    /// Closes all, the last one first, since it may use those before it. What goes wrong is told, and holds up nobody.
    pub(super) async fn close(self) {
        for Open { provider, _tenure } in self.0.into_iter().rev() {
            if let Err(error) = provider.close().await {
                tracing::warn!(target: "ww::plugin", "{error}");
            }
        }
    }
}
