//! Providers that are components: cells whose bootstrap is a `Provider`, without any right but what they are granted.
//!
//! A component that ends, by a trap or a limit or by itself, is started again: [`Restarts`] says when, and when not any
//! more. What guests hold of it by its *name* works on: a healing capability asks the instance that is there. What was
//! reached through one that is gone stays dead.

mod cells;
mod healing;
mod instance;
mod limits;
mod lines;
mod place;
mod restarts;
mod supervisor;

pub use cells::Cells;
pub(super) use instance::{Instance, Recipe};
pub use limits::ComponentLimits;
pub(super) use place::Place;
pub use place::STATE;
pub use restarts::Restarts;
pub(super) use supervisor::why;
pub use supervisor::{Component, Opening};
