//! What the cases do, each with instances of its own.

pub(super) mod callers;
pub(super) mod calls;
pub(super) mod configuration;
pub(super) mod failures;
pub(super) mod life;
pub(super) mod manifest;
pub(super) mod resources;
pub(super) mod schema;
