//! A provider as the capability that a node sees.

use std::cell::RefCell;
use std::rc::Rc;

use capnp::Error;
use capnp::capability::FromClientHook;
use ww_capnp::provider_capnp::{provider, service};

use crate::provider::{manifest, role};
use crate::{Caller, Grants, Provider, config};

/// An instance, from before it is opened until it is closed.
pub(crate) struct Instance<P> {
    version: &'static str,
    stage: RefCell<Stage<P>>,
}

enum Stage<P> {
    New,
    /// It is being opened, failed to, or is closed.
    Over,
    Open(Rc<P>),
}

impl<P: Provider> Instance<P> {
    pub(crate) fn new(version: &'static str) -> Self {
        Self { version, stage: RefCell::new(Stage::New) }
    }

    async fn begin(&self, config: &str, grants: Grants) -> Result<Rc<P>, Error> {
        if !matches!(self.stage.replace(Stage::Over), Stage::New) {
            return Err(Error::failed("it was opened before".into()));
        }
        if let Some(missing) = P::REQUIRES.iter().find(|name| grants.names().all(|granted| granted != **name)) {
            return Err(Error::failed(format!("it requires the capability '{missing}', which is not granted to it")));
        }
        let config = config::read(config)?;
        let provider = Rc::new(P::open(config, grants).await.map_err(|error| failed(&*error))?);
        self.stage.replace(Stage::Open(provider.clone()));
        Ok(provider)
    }
}

/// An error of the author's, with its causes; one of a capability's keeps its kind.
fn failed(error: &(dyn std::error::Error + 'static)) -> Error {
    if let Some(error) = error.downcast_ref::<Error>() {
        return error.clone();
    }
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    Error::failed(text)
}

impl<P: Provider> provider::Server for Instance<P> {
    async fn manifest(
        self: Rc<Self>,
        _params: provider::ManifestParams,
        mut results: provider::ManifestResults,
    ) -> Result<(), Error> {
        let said = manifest::<P>(self.version);
        let mut manifest = results.get().init_manifest();
        manifest.set_name(said.name);
        manifest.set_version(said.version);
        manifest.set_description(said.description);
        manifest.set_interface_id(said.interface);
        manifest.set_contract(ww_abi::CONTRACT);
        manifest.set_roles(said.roles)?;
        manifest.set_requires(said.requires)?;
        manifest.set_config_schema(config::schema::<P::Config>());
        Ok(())
    }

    async fn open(
        self: Rc<Self>,
        params: provider::OpenParams,
        mut results: provider::OpenResults,
    ) -> Result<(), Error> {
        let params = params.get()?;
        let grants = Grants::read(params.get_grants()?)?;
        let provider = self.begin(params.get_config()?.to_str()?, grants).await?;
        results.get().set_service(ww_call::new_client(Opened(provider)));
        Ok(())
    }

    async fn close(
        self: Rc<Self>,
        _params: provider::CloseParams,
        _results: provider::CloseResults,
    ) -> Result<(), Error> {
        match self.stage.replace(Stage::Over) {
            Stage::Open(provider) => provider.close().await.map_err(|error| failed(&*error)),
            Stage::New | Stage::Over => Ok(()),
        }
    }
}

struct Opened<P>(Rc<P>);

impl<P: Provider> service::Server for Opened<P> {
    async fn attach(
        self: Rc<Self>,
        params: service::AttachParams,
        mut results: service::AttachResults,
    ) -> Result<(), Error> {
        let caller = Caller::read(params.get()?.get_caller()?)?;
        let client = self.0.clone().attach(caller).await.map_err(|error| failed(&*error))?;
        results.get().init_cap().set_as_capability(client.into_client_hook());
        Ok(())
    }

    async fn role(self: Rc<Self>, params: service::RoleParams, mut results: service::RoleResults) -> Result<(), Error> {
        let hook = role(self.0.clone(), params.get()?.get_name()?.to_str()?)?;
        results.get().init_cap().set_as_capability(hook);
        Ok(())
    }
}
