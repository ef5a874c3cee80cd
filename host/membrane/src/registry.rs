//! The configured capabilities: names, and who supplies each.

use std::collections::BTreeMap;
use std::rc::Rc;

use capnp::Error;
use capnp::private::capability::ClientHook;
use futures::future::LocalBoxFuture;

use crate::name::Name;
use crate::policy::Party;

/// Who grafts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The name that the host has given it; never the guest's own word.
    pub name: String,
    /// The epoch that it grafts under.
    pub epoch: u64,
}

/// Supplies one capability.
pub trait Source {
    /// A capability for `caller`. Called for every graft; the Membrane guards what it returns.
    fn attach(&self, caller: Caller) -> LocalBoxFuture<'static, Result<Box<dyn ClientHook>, Error>>;
}

/// A client that everybody gets.
impl<C: capnp::capability::FromClientHook> Source for C {
    fn attach(&self, _caller: Caller) -> LocalBoxFuture<'static, Result<Box<dyn ClientHook>, Error>> {
        Box::pin(std::future::ready(Ok(self.as_client_hook().add_ref())))
    }
}

/// The capabilities that are configured on a node.
#[derive(Default)]
pub struct Registry {
    entries: BTreeMap<Name, Entry>,
}

/// One configured capability.
pub(crate) struct Entry {
    pub(crate) source: Rc<dyn Source>,
    /// Stands for the provider: what returns to it may be unwrapped.
    pub(crate) issuer: Party,
}

/// Two capabilities of one name. Never does the last one win.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("capability '{0}' is configured twice")]
pub struct DuplicateName(pub Name);

/// A name that stands for nothing here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("capability '{name}' is not configured; configured: {}", listed(configured))]
pub struct NotConfigured {
    /// The name, as it was given.
    pub name: String,
    /// Those that are, sorted.
    pub configured: Vec<String>,
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

impl Registry {
    /// No capabilities.
    pub fn new() -> Self {
        Self::default()
    }

    /// Configures a capability.
    ///
    /// # Errors
    /// Where there is one of that name.
    pub fn register(&mut self, name: Name, source: impl Source + 'static) -> Result<(), DuplicateName> {
        self.insert(name, Rc::new(source), Party::new())
    }

    /// Configures a capability of a provider that has a tenure, as the party of that: what returns to it along what it was
    /// granted is its own.
    ///
    /// # Errors
    /// As [`Registry::register`].
    pub fn register_held(
        &mut self,
        name: Name,
        source: impl Source + 'static,
        provider: Party,
    ) -> Result<(), DuplicateName> {
        self.insert(name, Rc::new(source), provider)
    }

    fn insert(&mut self, name: Name, source: Rc<dyn Source>, issuer: Party) -> Result<(), DuplicateName> {
        if self.entries.contains_key(&name) {
            return Err(DuplicateName(name));
        }
        self.entries.insert(name, Entry { source, issuer });
        Ok(())
    }

    /// Checks that a capability of this name is configured.
    ///
    /// # Errors
    /// Where there is none: the error lists those that there are.
    pub fn require(&self, name: &Name) -> Result<(), NotConfigured> {
        self.entry(name).map(|_| ())
    }

    /// What is configured under a name.
    ///
    /// # Errors
    /// As [`Registry::require`].
    pub(crate) fn entry(&self, name: &Name) -> Result<&Entry, NotConfigured> {
        self.entries.get(name).ok_or_else(|| {
            let configured = self.names().map(Name::to_string).collect();
            NotConfigured { name: name.to_string(), configured }
        })
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.get(name)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &Name> {
        self.entries.keys()
    }
}

#[cfg(test)]
mod tests {
    use capnp::capability::Client;

    use super::*;

    #[test]
    fn a_name_that_is_not_configured_is_told_those_that_are() {
        let name = |text: &str| text.parse::<Name>().unwrap();
        let said = |registry: &Registry, text: &str| registry.require(&name(text)).map_err(|error| error.to_string());
        let mut registry = Registry::new();
        assert_eq!(said(&registry, "a"), Err("capability 'a' is not configured; configured: nothing".to_owned()));
        for text in ["b", "a"] {
            let nobody: Client = ww_call::broken_client(Error::failed("nobody is there".into()));
            registry.register(name(text), nobody).unwrap();
        }
        assert_eq!(said(&registry, "a"), Ok(()));
        assert_eq!(said(&registry, "c"), Err("capability 'c' is not configured; configured: a, b".to_owned()));
    }
}
