//! The carrier between host and cell, in both directions, with the guest `tests/guests/conformance`.

mod from_guest;
mod program;
mod to_guest;
