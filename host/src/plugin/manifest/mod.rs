//! What a plugin says of itself: the section `ww.manifest`, one JSON object, which the SDK's macro writes.
//!
//! It is read from the file, without executing anything. Keys that are not known are ignored, since a newer SDK may write
//! more; those that are known have to be there, and right.

mod error;
mod fields;
mod role;

use membrane::Name;

pub use error::ManifestError;
use fields::Fields;
pub use role::Role;

use crate::version;

/// The name of the section, in an ELF file and in a component.
pub const SECTION: &str = "ww.manifest";

/// Bytes of the section. One of the SDK has a few hundred; whatever reads it holds it in memory, parsed.
pub const MAX_BYTES: usize = 256 << 10;

/// Entries of one of its lists: more roles or requirements than anybody has.
pub const MAX_ENTRIES: usize = 64;

/// Bytes of its version, which stands in messages and tables.
pub const MAX_VERSION_BYTES: usize = 64;

/// Bytes of its description, which is one line.
pub const MAX_DESCRIPTION_BYTES: usize = 1024;

/// What a plugin says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The number of the contract that it was built for; the one of this `ww`.
    pub contract: u32,
    /// The name that its capability is registered under, where the operator gives it no other.
    pub name: Name,
    /// The version of the plugin itself.
    pub version: String,
    /// What it is, in one line.
    pub description: String,
    /// The Cap'n Proto id of its capability's interface.
    pub interface: u64,
    /// What the host itself may ask it for.
    pub roles: Vec<Role>,
    /// The capabilities that it needs to be granted.
    pub requires: Vec<Name>,
    /// What a panic in it does.
    pub panic: Panic,
}

/// What a panic in a plugin does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panic {
    /// It unwinds the stack, and becomes an error of the call.
    Unwind,
    /// It ends the process that the plugin is in.
    Abort,
}

impl Panic {
    /// As the manifest spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unwind => "unwind",
            Self::Abort => "abort",
        }
    }
}

impl Manifest {
    /// Reads the text of the section.
    ///
    /// # Errors
    /// Where it is no such object, where a key is missing or wrong, and where it is of another contract: then nothing
    /// else of it is looked at, since the rest may differ.
    pub fn parse(section: &[u8]) -> Result<Self, ManifestError> {
        let mut fields = Fields::parse(section)?;
        let contract = fields.number("contract")?;
        if contract != version::CONTRACT {
            return Err(ManifestError::Contract { built: contract });
        }
        Ok(Self {
            contract,
            name: fields.name("name")?,
            version: fields.line("version", MAX_VERSION_BYTES)?,
            description: fields.line("description", MAX_DESCRIPTION_BYTES)?,
            interface: fields.interface("interface")?,
            roles: fields.list("roles", |text| text.parse().ok())?,
            requires: fields.list("requires", |text| text.parse().ok())?,
            panic: fields.panic("panic")?,
        })
    }
}

#[cfg(test)]
mod tests;
