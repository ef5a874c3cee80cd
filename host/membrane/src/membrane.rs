//! The Membrane of one caller.

use std::cell::Cell;
use std::rc::Rc;

use capnp::Error;
use capnp::private::capability::ClientHook;
use ww_call::foreign::settle;
use ww_call::new_client;
use ww_capnp::stem_capnp::{membrane, revoker};

use crate::grants::Grants;
use crate::guard::Guard;
use crate::policy::{Allowed, Party, Policy, Revoked};
use crate::registry::{Caller, Entry, Registry};
use crate::worker::Worker;

/// Names in one graft.
const MAX_NAMES: u32 = 256;

/// Methods in one restriction: more than any interface has.
const MAX_METHODS: u32 = 1024;

/// The capabilities that are configured for one caller.
pub struct Membrane {
    registry: Rc<Registry>,
    grants: Grants,
    worker: Rc<Worker>,
    /// The caller's name, as the host has given it.
    name: String,
    holder: Party,
}

impl Membrane {
    /// The Membrane of the caller that the host calls `name`, as a client to be handed to it.
    pub fn client(registry: Rc<Registry>, grants: Grants, worker: Rc<Worker>, name: String) -> membrane::Client {
        new_client(Self { registry, grants, worker, name, holder: Party::new() })
    }

    /// The configured names that this caller may graft.
    fn configured(&self) -> impl Iterator<Item = &str> {
        self.registry.names().map(|name| name.as_str()).filter(|name| self.grants.allows(name))
    }

    fn entry(&self, name: &str) -> Result<&Entry, Error> {
        let entry = self.registry.get(name).filter(|_| self.grants.allows(name));
        entry.ok_or_else(|| {
            let configured: Vec<_> = self.configured().collect();
            let configured = if configured.is_empty() { "nothing".to_owned() } else { configured.join(", ") };
            Error::failed(format!("capability '{name}' is not configured; configured: {configured}"))
        })
    }

    /// The names that a graft asks for, sorted, each once.
    fn wanted(&self, names: capnp::text_list::Reader<'_>) -> capnp::Result<Vec<String>> {
        if names.len() > MAX_NAMES {
            return Err(Error::failed(format!("{} names in one graft, the limit is {MAX_NAMES}", names.len())));
        }
        let mut wanted: Vec<String> = if names.is_empty() {
            self.configured().map(str::to_owned).collect()
        } else {
            names.iter().map(|name| Ok(name?.to_string()?)).collect::<capnp::Result<_>>()?
        };
        wanted.sort_unstable();
        wanted.dedup();
        Ok(wanted)
    }

    async fn attach(&self, name: &str, epoch: u64) -> Result<Box<dyn ClientHook>, Error> {
        let entry = self.entry(name)?;
        // Taken before the provider is asked: what it is granted under is the epoch that the graft began in.
        let policy = Policy::granted(self.worker.authority(), entry.issuer.clone(), self.holder.clone());
        let hook = entry.source.attach(Caller { name: self.name.clone(), epoch }).await?;
        Ok(self.worker.guard(hook, &policy))
    }
}

impl membrane::Server for Membrane {
    async fn graft(
        self: Rc<Self>,
        params: membrane::GraftParams,
        mut results: membrane::GraftResults,
    ) -> Result<(), Error> {
        let wanted = self.wanted(params.get()?.get_names()?)?;
        let epoch = self.worker.authority().epoch();
        let mut caps = Vec::with_capacity(wanted.len());
        for name in &wanted {
            caps.push(self.attach(name, epoch).await?);
        }
        if self.worker.authority().epoch() != epoch {
            return Err(Error::disconnected("the epoch has advanced during the graft; graft again".into()));
        }
        let mut session = results.get();
        session.reborrow().init_epoch().set_number(epoch);
        let mut exports = session.init_caps(wanted.len() as u32);
        for (index, (name, hook)) in (0..).zip(wanted.iter().zip(caps)) {
            let mut export = exports.reborrow().get(index);
            export.set_name(name);
            export.init_cap().set_as_capability(hook);
        }
        Ok(())
    }

    async fn restrict(
        self: Rc<Self>,
        params: membrane::RestrictParams,
        mut results: membrane::RestrictResults,
    ) -> Result<(), Error> {
        let params = params.get()?;
        let methods = params.get_methods()?;
        if methods.len() > MAX_METHODS {
            return Err(Error::failed(format!("{} methods to restrict to, the limit is {MAX_METHODS}", methods.len())));
        }
        let allowed = Allowed::new(params.get_interface_id(), methods.iter().collect());
        let calls = Some(params.get_calls()).filter(|calls| *calls > 0);
        let hook = params.get_cap().get_as_capability::<capnp::capability::Client>()?.hook;
        let revoked = Revoked::default();
        let restricted = self.restrict_to(hook, allowed, calls, revoked.clone())?;
        let mut results = results.get();
        results.reborrow().init_cap().set_as_capability(restricted);
        results.set_revoker(new_client(Revoker { revoked, worker: self.worker.clone() }));
        Ok(())
    }
}

impl Membrane {
    fn restrict_to(
        &self,
        hook: Box<dyn ClientHook>,
        allowed: Allowed,
        calls: Option<u64>,
        revoked: Revoked,
    ) -> Result<Box<dyn ClientHook>, Error> {
        let (hook, target) = settle(hook);
        let guarded = target.as_any().downcast_ref::<Guard>();
        let policy = match guarded {
            Some(guard) => guard.policy().clone(),
            // The caller's own object: nobody but the caller has issued it.
            None => Policy::granted(self.worker.authority(), self.holder.clone(), self.holder.clone()),
        };
        let policy = policy.restricted(allowed, calls, revoked)?;
        let inner = match guarded {
            Some(guard) => guard.inner()?.0,
            None => hook,
        };
        Ok(self.worker.guard(inner, &policy))
    }
}

struct Revoker {
    revoked: Rc<Cell<bool>>,
    worker: Rc<Worker>,
}

impl revoker::Server for Revoker {
    async fn revoke(self: Rc<Self>, _: revoker::RevokeParams, _: revoker::RevokeResults) -> Result<(), Error> {
        self.revoked.set(true);
        self.worker.sweep();
        Ok(())
    }
}
