//! Ends what was restricted.

use std::rc::Rc;

use capnp::Error;
use ww_capnp::stem_capnp::revoker;

use crate::restriction::Restriction;

pub(crate) struct Revoker(pub(crate) Rc<Restriction>);

impl revoker::Server for Revoker {
    async fn revoke(self: Rc<Self>, _: revoker::RevokeParams, _: revoker::RevokeResults) -> Result<(), Error> {
        self.0.revoke();
        Ok(())
    }
}
