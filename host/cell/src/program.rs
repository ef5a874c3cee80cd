//! Components that are ready to run.

use std::fmt;
use std::sync::Arc;

use wasmtime::component::{Component, Linker};
use wasmtime_wasi::p2::bindings::CommandPre;

use crate::engine::Engine;
use crate::error::{CellError, beginning};
use crate::limits::COMPONENT_BYTES;
use crate::state::CellState;

/// What identifies a component: the BLAKE3 hash of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContentId([u8; 32]);

impl ContentId {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }
}

impl fmt::Display for ContentId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&blake3::Hash::from_bytes(self.0).to_hex())
    }
}

/// A component that is compiled and linked. Starting a cell from it takes microseconds.
#[derive(Clone)]
pub struct Program(Arc<Inner>);

struct Inner {
    engine: Engine,
    id: ContentId,
    command: CommandPre<CellState>,
}

impl Program {
    pub(crate) fn link(
        engine: Engine,
        id: ContentId,
        component: &Component,
        linker: &Linker<CellState>,
    ) -> Result<Self, CellError> {
        let linked =
            linker.instantiate_pre(component).map_err(|error| link_error(&engine, component, linker, error))?;
        let command = CommandPre::new(linked).map_err(|_| CellError::NoMain)?;
        Ok(Self(Arc::new(Inner { engine, id, command })))
    }

    /// The hash of the component's bytes.
    pub fn id(&self) -> ContentId {
        self.0.id
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.0.engine
    }

    pub(crate) fn command(&self) -> &CommandPre<CellState> {
        &self.0.command
    }
}

/// Characters of a name of the component's in a message, and of all that the linker says.
const NAME: usize = 64;
const LINE: usize = 512;

/// Names the import that nobody provides: the first one that a linker without the others cannot satisfy either.
fn link_error(engine: &Engine, component: &Component, linker: &Linker<CellState>, error: wasmtime::Error) -> CellError {
    let text = format!("{error:#}");
    let ty = linker.substituted_component_type(component).unwrap_or_else(|_| component.component_type());
    let missing =
        ty.imports(engine.wasmtime()).map(|(name, _)| name.to_owned()).find(|name| text.contains(&format!("`{name}`")));
    match missing {
        Some(import) if text.contains("matching implementation was not found") => {
            CellError::MissingImport { import: beginning(&import, NAME) }
        }
        _ => CellError::Link(beginning(&text, LINE)),
    }
}

const MAGIC: &[u8] = b"\0asm";
/// Version and layer of a component, and of a core module, as they follow the magic number.
const COMPONENT: &[u8] = &[0x0d, 0, 1, 0];
const MODULE: &[u8] = &[1, 0, 0, 0];

/// Tells what bytes are before a compiler sees them.
pub(crate) fn check_header(bytes: &[u8]) -> Result<(), CellError> {
    let length = bytes.len() as u64;
    if length > COMPONENT_BYTES {
        return Err(CellError::TooMuch { count: length, what: "bytes", limit: COMPONENT_BYTES });
    }
    let malformed = |text: &str| Err(CellError::Malformed(text.into()));
    match bytes.strip_prefix(MAGIC) {
        None if bytes.is_empty() => malformed("the file is empty"),
        None => malformed("this is no WebAssembly file"),
        Some(rest) if rest.starts_with(COMPONENT) => Ok(()),
        Some(rest) if rest.starts_with(MODULE) => Err(CellError::CoreModule),
        Some(rest) if rest.len() < COMPONENT.len() => malformed("the file is cut off"),
        Some(_) => malformed("this version of WebAssembly is not known"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_no_component_are_told_apart() {
        assert!(check_header(b"\0asm\x0d\0\x01\0rest").is_ok());
        assert!(matches!(check_header(b"\0asm\x01\0\0\0"), Err(CellError::CoreModule)));
        for (bytes, text) in [
            (&b""[..], "empty"),
            (b"#!/bin/sh", "no WebAssembly"),
            (b"\0asm\x0d", "cut off"),
            (b"\0asm\x09\0\0\0", "version"),
        ] {
            let error = check_header(bytes).unwrap_err().to_string();
            assert!(error.contains(text), "{bytes:?}: {error}");
        }
    }
}
