//! The Membrane of one caller.

use std::rc::Rc;

use capnp::capability::Client;
use capnp::private::capability::ClientHook;
use capnp::{Error, ErrorKind, any_pointer};
use ww_call::new_client;
use ww_capnp::stem_capnp::membrane::{self, restrict_params};

use crate::grants::Grants;
use crate::policy::{Party, Policy};
use crate::registry::{Caller, Entry, NotConfigured, Registry};
use crate::restriction::{Allowed, Restriction};
use crate::revoker::Revoker;
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
            let configured = self.configured().map(str::to_owned).collect();
            Error::failed(NotConfigured { name: name.to_owned(), configured }.to_string())
        })
    }

    /// What a graft asks for, sorted by name, each once.
    fn wanted(&self, names: capnp::text_list::Reader<'_>) -> capnp::Result<Vec<(String, &Entry)>> {
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
        // All names first: no provider is asked for anything in a graft that is refused.
        wanted.into_iter().map(|name| self.entry(&name).map(|entry| (name, entry))).collect()
    }

    /// A capability of a provider's, on its way to the caller. It fails where the epoch ends meanwhile.
    async fn attach(&self, entry: &Entry, epoch: u64) -> Result<Box<dyn ClientHook>, Error> {
        let (issuer, holder) = (entry.issuer.clone(), self.holder.clone());
        let way = Policy::granted_under(self.worker.authority(), epoch, issuer, holder);
        let attached = entry.source.attach(Caller { name: self.name.clone(), epoch });
        self.worker.pass(self.worker.until(attached, &way).await?, &way)
    }

    fn restriction(&self, params: restrict_params::Reader<'_>) -> Result<Restricted, Error> {
        let methods = params.get_methods()?;
        if methods.len() > MAX_METHODS {
            return Err(Error::failed(format!("{} methods to restrict to, the limit is {MAX_METHODS}", methods.len())));
        }
        let allowed = Allowed::new(params.get_interface_id(), methods.iter().collect());
        let calls = Some(params.get_calls()).filter(|calls| *calls > 0);
        let restriction = Restriction::new(allowed, calls);
        let way = Policy::restricting(&self.holder, restriction.clone());
        let cap = self.worker.pass(capability(params.get_cap())?, &way)?;
        Ok(Restricted { cap, restriction })
    }
}

/// A capability that was restricted, and by what.
struct Restricted {
    cap: Box<dyn ClientHook>,
    restriction: Rc<Restriction>,
}

/// The capability that `pointer` is.
fn capability(pointer: any_pointer::Reader<'_>) -> Result<Box<dyn ClientHook>, Error> {
    let client: Result<Client, _> = pointer.get_as_capability();
    // What crosses a border is of one of four kinds; the kinds of what is no capability are none of them.
    client.map(|client| client.hook).map_err(|error| match error.kind {
        ErrorKind::MessageContainsNullCapabilityPointer => Error::failed("there is no capability to restrict".into()),
        _ => Error::failed(format!("no capability to restrict: {error}")),
    })
}

impl membrane::Server for Membrane {
    async fn graft(
        self: Rc<Self>,
        params: membrane::GraftParams,
        mut results: membrane::GraftResults,
    ) -> Result<(), Error> {
        let wanted = self.wanted(params.get()?.get_names()?)?;
        // Everything is granted under the epoch that the graft began in. Where that ends, so does the graft.
        let epoch = self.worker.authority().epoch();
        let mut caps = Vec::with_capacity(wanted.len());
        for (_, entry) in &wanted {
            caps.push(self.attach(entry, epoch).await?);
        }
        if self.worker.authority().epoch() != epoch {
            return Err(Error::disconnected("the epoch has advanced during the graft; graft again".into()));
        }
        let mut session = results.get();
        session.reborrow().init_epoch().set_number(epoch);
        let mut exports = session.init_caps(wanted.len() as u32);
        for (index, ((name, _), hook)) in (0..).zip(wanted.iter().zip(caps)) {
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
        let Restricted { cap, restriction } = self.restriction(params.get()?)?;
        let mut results = results.get();
        results.reborrow().init_cap().set_as_capability(cap);
        results.set_revoker(new_client(Revoker(restriction)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::epoch::Authority;

    /// A Membrane over `a`, `b` and `c`, with these grants.
    fn membrane(grants: Grants) -> membrane::Client {
        let mut registry = Registry::new();
        for name in ["a", "b", "c"] {
            let nobody: Client = ww_call::broken_client(Error::failed("nobody is there".into()));
            registry.register(name.parse().unwrap(), nobody).unwrap();
        }
        Membrane::client(Rc::new(registry), grants, Worker::new(&Authority::new(0)), "guest".to_owned())
    }

    /// The names that a graft of `names` gives.
    fn graft(membrane: &membrane::Client, names: &[&str]) -> Result<Vec<String>, Error> {
        let mut request = membrane.graft_request();
        request.get().set_names(names).unwrap();
        let response = block_on(request.send().promise)?;
        let caps = response.get()?.get_caps()?;
        caps.iter().map(|export| Ok(export.get_name()?.to_string()?)).collect()
    }

    #[test]
    fn what_is_not_granted_is_not_there() {
        let mut grants = Grants::all();
        for name in ["a", "b"] {
            grants.grant(name.parse().unwrap());
        }
        grants.deny("b".parse().unwrap());
        let membrane = membrane(grants);
        assert_eq!(graft(&membrane, &[]).unwrap(), ["a"]);
        assert_eq!(graft(&membrane, &["a"]).unwrap(), ["a"]);
        for name in ["b", "c", "d"] {
            let error = graft(&membrane, &["a", name]).unwrap_err();
            assert_eq!(error.extra, format!("capability '{name}' is not configured; configured: a"));
        }
    }

    #[test]
    fn without_grants_everything_is_there() {
        let all = membrane(Grants::all());
        assert_eq!(graft(&all, &[]).unwrap(), ["a", "b", "c"]);
        assert_eq!(graft(&all, &["c", "a", "c"]).unwrap(), ["a", "c"]);
    }
}
