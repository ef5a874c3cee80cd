//! Who is to use a capability.

use ww_capnp::provider_capnp::caller;

use crate::Grants;

/// Who is to use a capability, as the node says; never a guest's own word.
#[derive(Debug, Clone)]
pub struct Caller {
    name: String,
    epoch: u64,
    caps: Grants,
}

impl Caller {
    pub(crate) fn read(caller: caller::Reader<'_>) -> capnp::Result<Self> {
        Ok(Self {
            name: caller.get_name()?.to_string()?,
            epoch: caller.get_epoch()?.get_number(),
            caps: Grants::read(caller.get_caps()?)?,
        })
    }

    /// The name of the cell or peer, unique among those that are there. What a caller keeps belongs to its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The epoch that it was granted under.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Capabilities of the node, made for this caller.
    pub fn caps(&self) -> &Grants {
        &self.caps
    }
}
