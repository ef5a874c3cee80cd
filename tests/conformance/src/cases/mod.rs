//! The rules of the layer, by group. `list.rs` names them all.

pub(crate) mod behind_streams;
pub(crate) mod cancellation;
pub(crate) mod capabilities;
pub(crate) mod errors;
mod going_away;
pub(crate) mod limits;
pub(crate) mod messages;
pub(crate) mod order;
pub(crate) mod pipelining;
pub(crate) mod releases;
pub(crate) mod streaming;

pub(crate) use going_away::{far_side as far_side_goes_away, near_side as near_side_goes_away};
