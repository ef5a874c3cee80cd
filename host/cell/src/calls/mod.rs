//! Capability calls between a guest and the host: the host's side of `wetware:cell/calls`.
//!
//! [`Calls`] is the connection of one cell: the objects that each side has lent to the other, the calls that are
//! outstanding in each direction, and the events that wait for the guest. `linker` binds it to the functions that
//! the guest imports.
//!
//! A call from a guest runs on the guest's fiber, in its turn, so its cost lands on the guest. A call into a guest is
//! an event that the guest fetches, so nobody is ever re-entered.

mod connection;
mod incoming;
mod linker;
mod outgoing;
mod readable;
mod segment;

pub use connection::Calls;
pub use incoming::Answers;
pub(crate) use linker::add_to_linker;
