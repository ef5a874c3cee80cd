//! The plugins of a node.

use super::error::Error;
use super::node::offered;
use crate::cli::RunArgs;
use crate::plugin::{Library, Plan};

/// Reads and checks what the node is to load, in the order in which it is opened.
pub(super) fn plan(args: &RunArgs) -> Result<Plan, Error> {
    let mut plan = args.providers.plan()?;
    plan.complete(&offered())?;
    match plan.plugins.pop() {
        Some(plugin) => Err(Error::NotYet(Library::prepare(plugin.file)?.path().to_owned())),
        None => Ok(plan),
    }
}
