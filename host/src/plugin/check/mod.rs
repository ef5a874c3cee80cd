//! `ww plugin check`: whether a plugin keeps the contract, whatever it provides.
//!
//! Nothing is known of its interface but what its manifest says, and that is enough: a provider is opened, attached to,
//! asked for roles and closed in one way, and a call that it does not know has one answer. There is no node: what the plugin
//! is granted are stand-ins.
//!
//! All of it runs in a child, this program once more, which may die of what it checks. The parent asks it for one case
//! after the other, waits for each no longer than it may take, and goes on with a new child where one is lost.
//!
//! - `case`: the table of the cases, and `cases` what they do;
//! - `subject` and `instance`: the plugin, and what is made of it;
//! - `child` and `process`: the two ends of the line between child and parent;
//! - `suite` and `report`: what the parent does with it, and says.

mod case;
mod cases;
mod child;
mod instance;
mod outcome;
mod process;
mod report;
mod stand_in;
mod subject;
mod suite;

pub use child::serve;
pub use report::Report;
pub use suite::{CheckError, run};
