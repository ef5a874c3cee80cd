//! A provider that is loaded, and not open yet.

use std::rc::Rc;
use std::sync::Arc;

use capnp::capability::FromClientHook;
use serde_json::{Map, Value};
use ww_abi::bridge::Activity;
use ww_capnp::provider_capnp::provider;

use super::{Grants, Label, Phase, Provider, ProviderError, in_time};
use crate::plugin::library::Library;
use crate::plugin::native::Native;
use crate::plugin::root;
use crate::plugin::watchdog::{Starting, watch};

/// A provider that runs, and is not open yet.
pub struct Started {
    label: Label,
    native: Native,
    starting: Starting,
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

    /// Opens it.
    ///
    /// # Errors
    /// What it says, and where it does not answer in time.
    pub async fn open(self, config: &Map<String, Value>, grants: Grants) -> Result<Rc<Provider>, ProviderError> {
        let Self { label, native, starting } = self;
        let client: provider::Client = FromClientHook::new(native.provider());
        let mut request = client.open_request();
        let mut params = request.get();
        // A map of JSON values is JSON.
        params.set_config(serde_json::to_string(config).unwrap_or_default());
        let mut exports = params.init_grants(u32::try_from(grants.len()).unwrap_or(u32::MAX));
        for (index, (name, hook)) in (0..).zip(grants) {
            let mut export = exports.reborrow().get(index);
            export.set_name(name.as_str());
            export.init_cap().set_as_capability(hook);
        }
        let opened = in_time(async { request.send().promise.await?.get()?.get_service() }).await;
        drop(starting);
        match opened {
            Ok(service) => Ok(Rc::new(Provider { label, native, client, service })),
            Err(error) => Err(label.fail(Phase::Open, error.extra)),
        }
    }
}
