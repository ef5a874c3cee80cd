//! Grafting onto the Membrane.

use std::collections::BTreeMap;

use capnp::capability::FromClientHook;
use capnp::private::capability::ClientHook;
use ww_capnp::stem_capnp::membrane;

use crate::connection::connection;
use crate::{Error, Result};

/// The Membrane of this guest: the capability that it starts with.
pub fn membrane() -> membrane::Client {
    FromClientHook::new(connection().root())
}

/// Grafts all that is configured for this guest.
///
/// # Errors
/// Where the authority of the node changes meanwhile.
pub async fn graft() -> Result<Session> {
    graft_only(&[]).await
}

/// Grafts the capabilities of these names. Where there are none, all that is configured.
///
/// # Errors
/// Where a name is not configured: the error lists those that are.
pub async fn graft_only(names: &[&str]) -> Result<Session> {
    let mut request = membrane().graft_request();
    let mut list = request.get().init_names(u32::try_from(names.len())?);
    for (index, name) in (0..).zip(names) {
        list.set(index, name);
    }
    let response = request.send().promise.await?;
    let session = response.get()?;
    let mut caps = BTreeMap::new();
    for export in session.get_caps()? {
        let cap = export.get_cap().get_as_capability::<capnp::capability::Client>()?;
        caps.insert(export.get_name()?.to_string()?, cap.hook);
    }
    Ok(Session { epoch: session.get_epoch()?.get_number(), caps })
}

/// What a graft returns: capabilities by name, granted under one epoch.
pub struct Session {
    epoch: u64,
    caps: BTreeMap<String, Box<dyn ClientHook>>,
}

impl Session {
    /// The epoch that the capabilities were granted under. When the node's authority changes, they die; a new graft
    /// gives new ones.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The names of the capabilities, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.caps.keys().map(String::as_str)
    }

    /// The capability of a name, as a client of the interface that its provider documents.
    ///
    /// Nothing is checked here: a client of another interface fails its calls as `unimplemented`.
    ///
    /// # Errors
    /// Where the session has no capability of that name: the error lists those that it has.
    pub fn get<C: FromClientHook>(&self, name: &str) -> Result<C> {
        match self.caps.get(name) {
            Some(hook) => Ok(C::new(hook.add_ref())),
            None => {
                let names: Vec<_> = self.names().collect();
                let names = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
                Err(Error::new(format!("capability '{name}' is not in this session; it has: {names}")))
            }
        }
    }
}
