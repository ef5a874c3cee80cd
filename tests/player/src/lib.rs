//! The parties of random graphs: what they hold, what their objects do, and how they are told what to do next.
//!
//! A party runs in the process of the test as [`Local`], or in a guest that serves the same as [`Obedient`] and is told
//! what to do by [`Order`]s. Either way it is the same code, so that what differs is the carrier alone.

mod local;
mod message;
mod obedient;
mod object;
mod order;
mod player;

pub use local::{Local, now};
pub use obedient::Obedient;
pub use order::{ORDERS, Order, Report, read_numbers, write_numbers};
pub use player::{Ask, INTERFACE, METHODS, OTHER_INTERFACE, Outcome, Player, Reply, State};
