//! Tells by its first bytes what a file is.

use super::elf::Machine;
use super::error::Fault;

/// How the host gets hold of the provider in a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A shared library, which becomes part of the process.
    Native(Machine),
    /// A WebAssembly component, which runs in a cell.
    Component,
}

impl Kind {
    /// What a file of this kind is, as far as nothing says that it is a plugin.
    pub(super) fn names_without_manifest(self) -> &'static str {
        match self {
            Self::Native(_) => "a shared library",
            Self::Component => "a WebAssembly component",
        }
    }
}

/// What is read as what.
pub(super) enum Format {
    Elf,
    Component,
}

const ELF: &[u8] = b"\x7fELF";
const WASM: &[u8] = b"\0asm";

/// What follows the magic number of a component: version and layer.
const COMPONENT: &[u8] = b"\x0d\0\x01\0";

/// The beginnings of files that somebody might take for a plugin.
const FOREIGN: &[(&[u8], &str)] = &[
    (b"\xcf\xfa\xed\xfe", "a library or a program for macOS"),
    (b"\xce\xfa\xed\xfe", "a library or a program for macOS"),
    (b"\xca\xfe\xba\xbe", "a library or a program for macOS"),
    (b"MZ", "a library or a program for Windows"),
    (b"!<arch>\n", "an archive of object files"),
    (b"#!", "a script"),
];

pub(super) fn told_by(bytes: &[u8]) -> Result<Format, Fault> {
    if bytes.is_empty() {
        return Err(Fault::Empty);
    }
    if bytes.starts_with(ELF) {
        return Ok(Format::Elf);
    }
    if let Some(rest) = bytes.strip_prefix(WASM) {
        return match rest.get(..COMPONENT.len()) {
            None => Err(Fault::Damaged("it ends in its first line".to_owned())),
            Some(COMPONENT) => Ok(Format::Component),
            Some(_) => Err(Fault::Foreign("a core WebAssembly module")),
        };
    }
    let known = FOREIGN.iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, what)| *what);
    Err(Fault::Foreign(known.unwrap_or_else(|| if is_text(bytes) { "a text" } else { "a file of some other kind" })))
}

/// Looks at its beginning only: enough to say what it is.
fn is_text(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(512)];
    let text = match std::str::from_utf8(start) {
        Ok(text) => text,
        // A letter may be cut.
        Err(error) if error.error_len().is_none() => return is_text(&start[..error.valid_up_to()]),
        Err(_) => return false,
    };
    !text.is_empty() && !text.chars().any(|letter| letter.is_control() && !letter.is_whitespace())
}
