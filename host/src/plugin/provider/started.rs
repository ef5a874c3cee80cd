//! A native provider that is loaded, and not open yet.

use std::sync::Arc;

use capnp::Error;
use capnp::capability::FromClientHook;
use membrane::Granted;
use serde_json::{Map, Value};
use ww_abi::bridge::Activity;
use ww_capnp::provider_capnp::{provider, service};

use super::{Label, Phase, ProviderError, requests};
use crate::plugin::library::Library;
use crate::plugin::native::Native;
use crate::plugin::root;
use crate::plugin::watchdog::{Starting, watch};

/// A native provider that runs, and is not open yet.
pub struct Started {
    label: Label,
    native: Native,
    starting: Starting,
}

/// A native provider that is open.
pub struct Opened {
    label: Label,
    native: Native,
    client: provider::Client,
    service: service::Client,
}

impl Opened {
    /// What it is asked.
    ///
    /// # Errors
    /// Where it has failed.
    pub(super) fn service(&self) -> Result<&service::Client, Error> {
        self.failed().map(|()| &self.service)
    }

    fn failed(&self) -> Result<(), Error> {
        self.native.failure().get().map_or(Ok(()), |why| Err(self.label.failed(why)))
    }

    /// Flushes and stops it. What is left of it fails as `disconnected`.
    ///
    /// # Errors
    /// See [`requests::close`]; where it has failed.
    pub(super) async fn close(&self) -> Result<(), Error> {
        let closed = match self.failed() {
            Ok(()) => requests::close(&self.client).await,
            failed => failed,
        };
        self.native.close();
        closed
    }
}

impl Started {
    /// Loads a library that was checked, and makes an instance of it. Within a `LocalSet`, on the thread that it is to live
    /// on.
    ///
    /// # Errors
    /// Where the library cannot be loaded or is for another contract, and what it says itself.
    pub fn start(label: Label, library: &Library) -> Result<Self, ProviderError> {
        // SAFETY: the operator names its native plugins one by one, and trusts them as the node itself.
        let root = unsafe { root::load(library.place()) }.map_err(|error| label.fail(Phase::Load, error))?;
        let activity = Arc::<Activity>::default();
        let starting = watch(label.clone(), &activity);
        let native = Native::start(root, label.name.as_str(), activity);
        let native = native.map_err(|error| label.fail(Phase::Start, error.extra))?;
        Ok(Self { label, native, starting })
    }

    /// The instance.
    pub(in crate::plugin) fn native(&self) -> &Native {
        &self.native
    }

    /// Opens it.
    ///
    /// # Errors
    /// What it says, and where it does not answer in time.
    pub async fn open(self, config: &Map<String, Value>, grants: Granted) -> Result<Opened, ProviderError> {
        let Self { label, native, starting } = self;
        let client: provider::Client = FromClientHook::new(native.provider());
        let opened = requests::open(&client, config, grants).await;
        drop(starting);
        match opened {
            Ok(service) => Ok(Opened { label, native, client, service }),
            Err(error) => Err(label.fail(Phase::Open, error.extra)),
        }
    }
}
