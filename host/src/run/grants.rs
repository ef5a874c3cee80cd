//! What the operator grants the image's own guest.

use membrane::{Grants, Registry};

use super::error::Error;
use crate::plugin::plan::{GuestGrants, Said};

/// What options and configuration say. A name that nothing is configured under would grant nothing, or deny nothing: it is
/// an error, so that no slip of the pen widens or narrows what a guest can do.
pub(super) fn of(said: &GuestGrants, registry: &Registry) -> Result<Grants, Error> {
    let check = |said: &Said| {
        registry.require(&said.name).map_err(|cause| Error::Grants { by: said.by.clone(), cause })?;
        Ok::<_, Error>(said.name.clone())
    };
    let mut grants = match &said.grants {
        None => Grants::all(),
        Some(_) => Grants::none(),
    };
    for said in said.grants.iter().flatten() {
        grants.grant(check(said)?);
    }
    for said in &said.deny {
        grants.deny(check(said)?);
    }
    Ok(grants)
}
