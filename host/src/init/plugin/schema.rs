//! The schema of a plugin project, with ids of its own.
//!
//! What the schema compiler says of the template's schema is written by `cargo xtask codegen`, with other names in the place
//! of the placeholders. Names and ids are changed here; what comes of it is, byte for byte, what the compiler would say of
//! the new schema, and so are the bindings.

use std::collections::BTreeMap;

use capnp::message::{self, ReaderOptions};
use capnp::schema_capnp::{code_generator_request, node};
use capnp::serialize;
use md5::{Digest as _, Md5};
use ww_codegen::{Bindings, Request};

use super::Error;
use super::name::{PluginName, interface};

/// What the schema compiler says of the template's schema.
const SAMPLE: &[u8] = include_bytes!("schema.request");

/// The bit that every id has.
const ID: u64 = 1 << 63;

/// The schema of a project.
pub(super) struct Schema {
    /// What takes the place of the template's ids.
    ids: BTreeMap<u64, u64>,
    request: Request,
}

impl Schema {
    /// The template's, under this name and with ids that nobody else has.
    pub(super) fn fresh(name: &PluginName) -> Result<Self, Error> {
        let read = || {
            let sample = serialize::read_message(SAMPLE, ReaderOptions::new())?;
            let sample: code_generator_request::Reader<'_> = sample.get_root()?;
            let ids = ids(sample)?;
            let mut copy = message::Builder::new_default();
            copy.set_root(sample)?;
            rename(copy.get_root()?, name)?;
            Ok((ids, serialize::write_message_to_words(&copy)))
        };
        let (ids, mut words): (_, Vec<u8>) =
            read().map_err(|error: capnp::Error| Error::Damaged(format!("its schema: {error}")))?;
        // An id is a word wherever it stands, and no other word is one by chance.
        for word in words.as_chunks_mut::<8>().0 {
            if let Some(id) = ids.get(&u64::from_le_bytes(*word)) {
                *word = id.to_le_bytes();
            }
        }
        Ok(Self { ids, request: Request::from(words) })
    }

    /// The text of a schema with these ids.
    pub(super) fn with_ids(&self, text: &str) -> String {
        let ids = self.ids.iter();
        ids.fold(text.to_owned(), |text, (old, new)| text.replace(&format!("@{old:#018x}"), &format!("@{new:#018x}")))
    }

    /// Its bindings.
    pub(super) fn bindings(&self) -> Result<Vec<Bindings>, Error> {
        self.request.bindings(None).map_err(|error| Error::Damaged(error.to_string()))
    }
}

/// New ids for all that has one.
fn ids(sample: code_generator_request::Reader<'_>) -> capnp::Result<BTreeMap<u64, u64>> {
    let mut ids = BTreeMap::new();
    for node in sample.get_nodes()? {
        let (old, new) = (node.get_id(), random()? | ID);
        match node.which()? {
            node::File(()) => drop(ids.insert(old, new)),
            node::Interface(interface) => {
                ids.insert(old, new);
                for (method, ordinal) in interface.get_methods()?.iter().zip(0..) {
                    ids.insert(method.get_param_struct_type(), method_struct(new, ordinal, false));
                    ids.insert(method.get_result_struct_type(), method_struct(new, ordinal, true));
                }
            }
            // What methods take and give, which comes with them.
            _ => {}
        }
    }
    Ok(ids)
}

fn random() -> capnp::Result<u64> {
    getrandom::u64().map_err(|error| capnp::Error::failed(error.to_string()))
}

/// The id that the schema compiler gives to what a method takes, or to its results: a hash of the interface's id, the
/// method's ordinal, and which of both it is.
fn method_struct(interface: u64, ordinal: u16, results: bool) -> u64 {
    let of = [&interface.to_le_bytes()[..], &ordinal.to_le_bytes(), &[u8::from(results)]].concat();
    let hash: [u8; 16] = Md5::digest(of).into();
    hash.iter().take(8).fold(0, |id, byte| id << 8 | u64::from(*byte)) | ID
}

/// Gives the file and the interface their names, wherever those stand.
fn rename(mut request: code_generator_request::Builder<'_>, name: &PluginName) -> capnp::Result<()> {
    let mut files = request.reborrow().get_requested_files()?;
    let file = files.reborrow().get(0).get_filename()?.to_str()?.to_owned();
    let sample = interface(file.trim_end_matches(".capnp"));
    let renamed = |text: &str| text.replace(&file, &format!("{name}.capnp")).replace(&sample, &name.interface);
    files.get(0).set_filename(renamed(&file));
    let mut nodes = request.get_nodes()?;
    for index in 0..nodes.len() {
        let mut node = nodes.reborrow().get(index);
        let old = node.reborrow().get_display_name()?.to_str()?.to_owned();
        let prefix = node.reborrow().get_display_name_prefix_length();
        let prefix = old.get(..prefix as usize).unwrap_or_default();
        node.set_display_name_prefix_length(u32::try_from(renamed(prefix).len()).unwrap_or_default());
        node.set_display_name(renamed(&old));
        let mut nested = node.get_nested_nodes()?;
        for index in 0..nested.len() {
            let mut nested = nested.reborrow().get(index);
            let old = nested.reborrow().get_name()?.to_str()?.to_owned();
            nested.set_name(renamed(&old));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sample shows both: an id, and those that the schema compiler derived from it.
    #[test]
    fn the_ids_of_what_methods_take_and_give_are_known() -> capnp::Result<()> {
        let sample = serialize::read_message(SAMPLE, ReaderOptions::new())?;
        let sample: code_generator_request::Reader<'_> = sample.get_root()?;
        let mut seen = 0;
        for node in sample.get_nodes()? {
            if let node::Interface(interface) = node.which()? {
                for (method, ordinal) in interface.get_methods()?.iter().zip(0..) {
                    assert_eq!(method.get_param_struct_type(), method_struct(node.get_id(), ordinal, false));
                    assert_eq!(method.get_result_struct_type(), method_struct(node.get_id(), ordinal, true));
                    seen += 1;
                }
            }
        }
        assert!(seen > 0);
        Ok(())
    }
}
