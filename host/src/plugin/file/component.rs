//! Finds what is ours in a WebAssembly component.

use wasmparser::{BinaryReaderError, CustomSectionReader, Parser, Payload};
use ww_cell::limits::NESTING;

use super::error::Fault;
use super::seal;
use crate::plugin::manifest::SECTION;

/// What a component holds for us.
#[derive(Default)]
pub(super) struct Component<'a> {
    /// The text of its section `ww.manifest`: it lies where the linker put it, mostly in the module inside.
    pub(super) manifest: Option<&'a [u8]>,
    /// Whether the component itself ends with a section `ww.seal`.
    pub(super) has_seal: bool,
}

impl<'a> Component<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Fault> {
        let mut component = Self::default();
        let mut depth = 0;
        for payload in Parser::new(0).parse_all(bytes) {
            match payload.map_err(damaged)? {
                Payload::Version { .. } if depth == NESTING => {
                    return Err(Fault::Damaged(format!("more than {NESTING} components lie in each other")));
                }
                Payload::Version { .. } => depth += 1,
                Payload::End(_) => depth -= 1,
                Payload::CustomSection(section) => component.custom(&section, depth, bytes.len())?,
                _ => {}
            }
        }
        Ok(component)
    }

    fn custom(&mut self, section: &CustomSectionReader<'a>, depth: usize, length: usize) -> Result<(), Fault> {
        match section.name() {
            SECTION if self.manifest.replace(section.data()).is_some() => {
                Err(Fault::Damaged(format!("it has more than one section {SECTION}")))
            }
            // What was sealed before something was added to it.
            seal::SECTION if depth == 1 && section.range().end != length => Err(Fault::Seal),
            // One of a component inside is about that one.
            seal::SECTION => {
                self.has_seal |= depth == 1;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// The first line of what the parser says: it may show bytes on more.
fn damaged(error: BinaryReaderError) -> Fault {
    Fault::Damaged(error.message().lines().next().unwrap_or_default().to_owned())
}
