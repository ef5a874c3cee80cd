//! What a provider may use.

use std::collections::BTreeMap;
use std::fmt;

use capnp::capability::FromClientHook;
use capnp::private::capability::ClientHook;
use capnp::{Error, struct_list};
use ww_capnp::stem_capnp::export;

/// Capabilities by name, which their operator granted.
#[derive(Default)]
pub struct Grants(BTreeMap<String, Box<dyn ClientHook>>);

impl Grants {
    pub(crate) fn read(exports: struct_list::Reader<'_, export::Owned>) -> capnp::Result<Self> {
        let mut grants = BTreeMap::new();
        for export in exports {
            let cap = export.get_cap().get_as_capability::<capnp::capability::Client>()?;
            grants.insert(export.get_name()?.to_string()?, cap.hook);
        }
        Ok(Self(grants))
    }

    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn write(&self, mut exports: struct_list::Builder<'_, export::Owned>) {
        for (index, (name, hook)) in (0..).zip(&self.0) {
            let mut export = exports.reborrow().get(index);
            export.set_name(name);
            export.init_cap().set_as_capability(hook.add_ref());
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Their names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Adds a capability. For tests: in a node, only the operator grants.
    pub fn add(&mut self, name: &str, cap: impl FromClientHook) {
        self.0.insert(name.to_owned(), cap.into_client_hook());
    }

    /// The capability of a name, as a client of the interface that its provider documents.
    ///
    /// # Errors
    /// Where nothing of that name was granted.
    pub fn get<C: FromClientHook>(&self, name: &str) -> capnp::Result<C> {
        match self.0.get(name) {
            Some(hook) => Ok(C::new(hook.add_ref())),
            None => Err(Error::failed(format!("capability '{name}' is not granted to this provider"))),
        }
    }
}

impl Clone for Grants {
    fn clone(&self) -> Self {
        Self(self.0.iter().map(|(name, hook)| (name.clone(), hook.add_ref())).collect())
    }
}

impl fmt::Debug for Grants {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.names()).finish()
    }
}
