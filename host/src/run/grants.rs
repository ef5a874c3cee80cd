//! What the operator grants the image's own guest.

use membrane::{Grants, Name, Registry};

use super::error::Error;
use crate::cli::RunArgs;

/// What the options say. A name that nothing is configured under would grant nothing, or deny nothing: it is an error,
/// so that no slip of the pen widens or narrows what a guest can do.
pub(super) fn of(args: &RunArgs, registry: &Registry) -> Result<Grants, Error> {
    let check =
        |option: &'static str, name: &Name| registry.require(name).map_err(|cause| Error::Grants { option, cause });
    let mut grants = Grants::all();
    for name in &args.grant {
        check("--grant", name)?;
        grants.grant(name.clone());
    }
    for name in &args.deny {
        check("--deny", name)?;
        grants.deny(name.clone());
    }
    Ok(grants)
}
