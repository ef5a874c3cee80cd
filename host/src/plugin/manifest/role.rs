//! What the host itself may ask a provider for.

use std::fmt;
use std::str::FromStr;

/// Bytes of a role: its word and, for `content`, a prefix of paths.
const MAX_BYTES: usize = 256;

/// What the host itself may ask a provider for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// It serves `ww NAME ARGS…`.
    Command,
    /// It says which epoch the node is in.
    EpochSource,
    /// It resolves the paths that begin so, such as `/ipfs/`.
    Content(String),
    /// One that a newer SDK knows; this host does not ask for it.
    Other(String),
}

/// A text that is no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a role is a word such as `command`, or `content:` with a prefix of paths such as /ipfs/")]
pub struct RoleError;

impl FromStr for Role {
    type Err = RoleError;

    fn from_str(text: &str) -> Result<Self, RoleError> {
        if text.is_empty() || text.len() > MAX_BYTES || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(RoleError);
        }
        match text.split_once(':') {
            None if text == "command" => Ok(Self::Command),
            None if text == "epochSource" => Ok(Self::EpochSource),
            Some(("content", prefix)) if is_prefix(prefix) => Ok(Self::Content(prefix.to_owned())),
            Some(("content", _)) => Err(RoleError),
            None if text == "content" => Err(RoleError),
            _ => Ok(Self::Other(text.to_owned())),
        }
    }
}

/// Whether it is whole names between slashes: `/ipfs/`, `/a/b/`.
fn is_prefix(text: &str) -> bool {
    let names = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    names.is_some_and(|names| names.split('/').all(|name| !matches!(name, "" | "." | "..")))
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command => formatter.write_str("command"),
            Self::EpochSource => formatter.write_str("epochSource"),
            Self::Content(prefix) => write!(formatter, "content:{prefix}"),
            Self::Other(text) => formatter.write_str(text),
        }
    }
}
