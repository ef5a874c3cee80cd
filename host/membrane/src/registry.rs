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
        if self.entries.contains_key(&name) {
            return Err(DuplicateName(name));
        }
        self.entries.insert(name, Entry { source: Rc::new(source), issuer: Party::new() });
        Ok(())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.get(name)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &Name> {
        self.entries.keys()
    }
}
