//! Objects that one side has lent to the other.

use std::collections::HashMap;

use capnp_rpc::rpc_capnp::{cap_descriptor, payload};

/// How often each object was lent, less how often it was given back.
#[derive(Default)]
pub(super) struct References(HashMap<u32, Held>);

#[derive(Default)]
struct Held {
    references: u32,
    /// How many promises have turned out to be one another, and at last this object.
    row: u32,
}

impl References {
    /// How many objects there are.
    pub(super) fn objects(&self) -> usize {
        self.0.len()
    }

    pub(super) fn lend(&mut self, id: u32) {
        self.0.entry(id).or_default().references += 1;
    }

    /// Lends an object that a promise has turned out to be. Returns how many promises in a row lead to it.
    pub(super) fn lend_for(&mut self, promise: u32, id: u32) -> u32 {
        let row = self.0.get(&promise).map_or(0, |held| held.row) + 1;
        let held = self.0.entry(id).or_default();
        held.references += 1;
        held.row = held.row.max(row);
        held.row
    }

    /// Gives back `count` references. Whoever gives back what it does not hold is the library's to tell.
    pub(super) fn give_back(&mut self, id: u32, count: u32) {
        if let Some(held) = self.0.get_mut(&id) {
            held.references = held.references.saturating_sub(count);
            if held.references == 0 {
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
