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
mod turns_of_a_side;

/// The turns of both sides of a border.
pub(crate) mod turns {
    pub(crate) use super::turns_of_a_side::{calls_go_on_when_nobody_looks_at_them, nobody_is_called_before_its_turn};
}

/// The turn of a near side that can be busy without stopping the far one.
pub(crate) mod busy {
    pub(crate) use super::turns_of_a_side::{
        calls_go_on_while_the_near_side_blocks, calls_go_on_while_the_near_side_computes,
    };
}

pub(crate) use going_away::{far_side as far_side_goes_away, near_side as near_side_goes_away};
