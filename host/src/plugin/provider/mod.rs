//! Providers: started, opened, attached to, closed.

mod error;
mod source;
mod started;

use std::fmt::Display;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use capnp::Error;
use capnp::capability::FromClientHook;
use capnp::private::capability::ClientHook;
use membrane::{Caller, Name};
use ww_capnp::provider_capnp::{provider, service};

pub use error::{Phase, ProviderError};
pub use source::Attachments;
pub use started::Started;

use super::native::Native;

/// How long a provider may take for each of `open`, `attach`, `role` and `close`. Calls of a capability have no limit.
pub const DEADLINE: Duration = Duration::from_secs(5);

/// What a provider may use: capabilities by name.
pub type Grants = Vec<(Name, Box<dyn ClientHook>)>;

/// A provider that is open.
pub struct Provider {
    label: Label,
    native: Native,
    client: provider::Client,
    service: service::Client,
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
    /// The error of this provider in a phase.
    pub fn fail(&self, phase: Phase, cause: impl Display) -> ProviderError {
        ProviderError { name: self.name.to_string(), file: self.file.clone(), phase, cause: cause.to_string() }
    }
}

impl Provider {
    /// The name that it is registered under.
    pub fn name(&self) -> &Name {
        &self.label.name
    }

    /// The capability for a caller.
    async fn attach(self: Rc<Self>, caller: Caller) -> Result<Box<dyn ClientHook>, Error> {
        let mut request = self.service.attach_request();
        let mut to = request.get().init_caller();
        to.set_name(&caller.name);
        to.init_epoch().set_number(caller.epoch);
        let attached = async {
            let response = request.send().promise.await?;
            response.get()?.get_cap().get_as_capability::<capnp::capability::Client>()
        };
        Ok(self.within(Phase::Attach, attached).await?.hook)
    }

    /// What the node itself asks it for.
    ///
    /// # Errors
    /// Where it has no such role, has failed, or does not answer.
    pub async fn role<C: FromClientHook>(&self, role: &str) -> Result<C, ProviderError> {
        let mut request = self.service.role_request();
        request.get().set_name(role);
        let asked = async { request.send().promise.await?.get()?.get_cap().get_as_capability() };
        self.within(Phase::Role, asked).await.map_err(|error| self.label.fail(Phase::Role, error.extra))
    }

    /// Flushes and stops it. What is left of it fails as `disconnected`.
    ///
    /// # Errors
    /// Where it says that something could not be saved, and where it does not answer.
    pub async fn close(&self) -> Result<(), ProviderError> {
        let closing = async { self.client.close_request().send().promise.await.map(drop) };
        let closed = self.within(Phase::Close, closing).await;
        self.native.close();
        closed.map_err(|error| self.label.fail(Phase::Close, error.extra))
    }

    /// Waits for an answer in a phase, as long as it may take.
    async fn within<T>(&self, phase: Phase, answer: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        if let Some(why) = self.native.failure().get() {
            return Err(Error::failed(format!("provider '{}' has failed: {why}", self.label.name)));
        }
        in_time(answer).await.map_err(|error| match phase {
            // Guests read these, and know neither files nor phases.
            Phase::Attach => Error { extra: format!("provider '{}': {}", self.label.name, error.extra), ..error },
            _ => error,
        })
    }
}

/// An answer, or that there is none in time.
async fn in_time<T>(answer: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let late = |_| Error::failed(format!("no answer within {} s", DEADLINE.as_secs()));
    tokio::time::timeout(DEADLINE, answer).await.map_err(late)?
}
