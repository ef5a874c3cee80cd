//! Providers: started, opened, attached to, closed.

mod error;
pub mod requests;
mod source;
mod started;

use std::fmt::Display;
use std::path::PathBuf;
use std::rc::Rc;

use capnp::Error;
use capnp::capability::FromClientHook;
use capnp::private::capability::ClientHook;
use membrane::{Caller, Name, Tenure};

pub use error::{Phase, ProviderError};
pub use requests::DEADLINE;
pub use source::Attachments;
pub use started::{Opened, Started};

use super::component::Component;

/// A provider that is open.
pub struct Provider {
    label: Label,
    kind: Kind,
}

/// What it is made of.
enum Kind {
    Native {
        opened: Opened,
        /// What it may use ends with this.
        _tenure: Tenure,
    },
    Component(Rc<Component>),
}

/// What messages call a provider.
#[derive(Debug, Clone)]
pub struct Label {
    /// The name that it is registered under.
    pub name: Name,
    /// Its file, as the operator named it.
    pub file: PathBuf,
}

impl Label {
    /// An error of this provider's, as guests read it, who know neither files nor phases.
    pub fn told(&self, error: Error) -> Error {
        Error { extra: format!("provider '{}': {}", self.name, error.extra), ..error }
    }

    /// The error of all that is asked of a provider that has failed.
    pub fn failed(&self, why: &str) -> Error {
        Error::failed(format!("provider '{}' has failed: {why}", self.name))
    }

    /// The error of this provider in a phase.
    pub fn fail(&self, phase: Phase, cause: impl Display) -> ProviderError {
        ProviderError { name: self.name.to_string(), file: self.file.clone(), phase, cause: cause.to_string() }
    }
}

impl Provider {
    /// A native one that is open, and the tenure of what it was granted.
    pub fn native(label: Label, opened: Opened, tenure: Tenure) -> Rc<Self> {
        Rc::new(Self { label, kind: Kind::Native { opened, _tenure: tenure } })
    }

    /// A component that is open.
    pub fn component(label: Label, component: Rc<Component>) -> Rc<Self> {
        Rc::new(Self { label, kind: Kind::Component(component) })
    }

    /// The name that it is registered under.
    pub fn name(&self) -> &Name {
        &self.label.name
    }

    /// The capability for a caller.
    async fn attach(self: Rc<Self>, caller: Caller) -> Result<Box<dyn ClientHook>, Error> {
        match &self.kind {
            Kind::Native { opened, .. } => {
                let service = opened.service()?;
                requests::attach(service, &caller).await.map_err(|error| self.label.told(error))
            }
            Kind::Component(component) => component.attach(caller).await,
        }
    }

    /// What the node itself asks it for.
    ///
    /// # Errors
    /// Where it has no such role, has failed, or does not answer.
    pub async fn role<C: FromClientHook>(&self, role: &str) -> Result<C, ProviderError> {
        let asked = async {
            match &self.kind {
                Kind::Native { opened, .. } => requests::role(opened.service()?, role).await,
                Kind::Component(component) => requests::role(&component.service().await?, role).await,
            }
        };
        asked.await.map_err(|error| self.label.fail(Phase::Role, error.extra))
    }

    /// Flushes and stops it. What is left of it fails as `disconnected`.
    ///
    /// # Errors
    /// Where it says that something could not be saved, and where it does not answer.
    pub async fn close(&self) -> Result<(), ProviderError> {
        let closed = match &self.kind {
            Kind::Native { opened, .. } => opened.close().await,
            Kind::Component(component) => component.close().await,
        };
        closed.map_err(|error| self.label.fail(Phase::Close, error.extra))
    }
}
