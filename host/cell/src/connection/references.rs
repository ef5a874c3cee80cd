//! Objects that one side has lent to the other.

use std::collections::HashMap;

use capnp_rpc::rpc_capnp::{cap_descriptor, payload};

/// How often each object was lent, less how often it was given back.
#[derive(Default)]
pub(super) struct References(HashMap<u32, u32>);

impl References {
    /// How many objects there are.
    pub(super) fn objects(&self) -> usize {
        self.0.len()
    }

    pub(super) fn lend(&mut self, id: u32) {
        *self.0.entry(id).or_default() += 1;
    }

    /// Gives back `count` references. Whoever gives back what it does not hold is the library's to tell.
    pub(super) fn give_back(&mut self, id: u32, count: u32) {
        if let Some(references) = self.0.get_mut(&id) {
            *references = references.saturating_sub(count);
            if *references == 0 {
                self.0.remove(&id);
            }
        }
    }
}

/// The objects of its own that the sender of a descriptor lends with it: at most one.
pub(super) fn lent_by(descriptor: cap_descriptor::Reader<'_>) -> capnp::Result<Option<u32>> {
    match descriptor.which()? {
        cap_descriptor::SenderHosted(id) | cap_descriptor::SenderPromise(id) => Ok(Some(id)),
        _ => Ok(None),
    }
}

/// The objects of its own that the sender of a message lends with it.
pub(super) fn lent_with(payload: payload::Reader<'_>) -> capnp::Result<Vec<u32>> {
    let mut lent = Vec::new();
    for descriptor in payload.get_cap_table()? {
        lent.extend(lent_by(descriptor)?);
    }
    Ok(lent)
}
