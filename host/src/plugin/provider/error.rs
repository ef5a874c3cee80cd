//! What goes wrong with a provider.

use std::fmt;
use std::path::PathBuf;

/// A provider that does not work: which, where, and in which phase of its life.
#[derive(Debug, thiserror::Error)]
#[error("provider '{name}' ({}): {phase}: {cause}", file.display())]
pub struct ProviderError {
    /// Its name.
    pub name: String,
    /// Its file.
    pub file: PathBuf,
    /// When.
    pub phase: Phase,
    /// What it said, or what it did.
    pub cause: String,
}

/// A phase in the life of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Its library is loaded into the process.
    Load,
    /// An instance is made.
    Start,
    /// It is opened with its configuration and its grants.
    Open,
    /// A caller gets its capability.
    Attach,
    /// The node asks it for a role.
    Role,
    /// It flushes and stops.
    Close,
}

impl fmt::Display for Phase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Load => "load",
            Self::Start => "start",
            Self::Open => "open",
            Self::Attach => "attach",
            Self::Role => "role",
            Self::Close => "close",
        })
    }
}
