//! The resource `directory-entry-stream`.

use super::bindings::types::{DescriptorType, DirectoryEntry};
use super::error::FsResult;
use super::namespace::Listing;
use super::path::visible;
use super::slots::Slot;
use super::tree::{Named, NamedKind};

/// A directory that a guest reads name by name.
#[allow(unreachable_pub, reason = "the generated bindings name it")]
pub struct EntryStream {
    listing: Listing,
    ready: std::vec::IntoIter<Named>,
    _slot: Slot,
}

impl EntryStream {
    pub(crate) fn new(listing: Listing, slot: Slot) -> Self {
        Self { listing, ready: Vec::new().into_iter(), _slot: slot }
    }

    /// The next name, or none at the end.
    pub(crate) async fn next(&mut self) -> FsResult<Option<DirectoryEntry>> {
        loop {
            for Named { name, kind } in self.ready.by_ref() {
                if visible(&name) {
                    return Ok(Some(DirectoryEntry { type_: kind.into(), name }));
                }
            }
            self.ready = self.listing.next().await?.into_iter();
            if self.ready.len() == 0 {
                return Ok(None);
            }
        }
    }
}

impl From<NamedKind> for DescriptorType {
    fn from(kind: NamedKind) -> Self {
        match kind {
            NamedKind::Directory => Self::Directory,
            NamedKind::File => Self::RegularFile,
            NamedKind::Link => Self::SymbolicLink,
        }
    }
}
