//! Why a manifest cannot be used.

use super::{MAX_BYTES, MAX_ENTRIES, SECTION};
use crate::version::CONTRACT;

/// Why a manifest cannot be used, on one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// More than [`MAX_BYTES`].
    #[error("section {SECTION} has {0} bytes, and the limit is {MAX_BYTES}")]
    TooLong(usize),
    /// No JSON, or no object.
    #[error("section {SECTION} is no JSON object: {0}")]
    NotAnObject(String),
    /// A key is not there.
    #[error("section {SECTION}: '{0}' is missing")]
    Missing(&'static str),
    /// The value of a key is not what it should be.
    #[error("section {SECTION}: '{key}' is not {expected}")]
    Malformed {
        /// The key.
        key: &'static str,
        /// What it should be.
        expected: String,
    },
    /// A list has more than [`MAX_ENTRIES`].
    #[error("section {SECTION}: '{0}' has more than {MAX_ENTRIES} entries")]
    TooMany(&'static str),
    /// It was built for another contract between a node and its plugins.
    #[error("it was built for contract {built}, and this ww has contract {CONTRACT}: {}", remedy(*.built))]
    Contract {
        /// Its number.
        built: u32,
    },
}

fn remedy(built: u32) -> String {
    if built > CONTRACT {
        format!("update ww, or take a build of the plugin for contract {CONTRACT}")
    } else {
        "build it again with the SDK of this ww, or take a newer build of it".to_owned()
    }
}
