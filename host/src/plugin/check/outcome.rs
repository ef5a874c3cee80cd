//! What comes of a case.

use capnp::Error;
use serde::{Deserialize, Serialize};

/// What comes of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "outcome", content = "why")]
pub(super) enum Outcome {
    /// The plugin does as it should.
    Ok,
    /// It does not, and how.
    Failed(String),
    /// There is nothing to be checked, and why.
    NotApplicable(String),
}

/// What a case comes to that does not just pass.
pub(super) type Found<T> = Result<T, Outcome>;

impl Outcome {
    /// Something fails that must not.
    pub(super) fn fails(what: &str, error: &Error) -> Self {
        Self::Failed(format!("{what}: {}", error.extra))
    }
}

/// A case that has failed.
pub(super) fn failed<T>(why: impl Into<String>) -> Found<T> {
    Err(Outcome::Failed(why.into()))
}
