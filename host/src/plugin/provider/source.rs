//! A provider as the Membrane sees it.

use std::rc::Rc;

use capnp::Error;
use capnp::private::capability::ClientHook;
use futures::future::LocalBoxFuture;
use membrane::{Caller, Source};

use super::Provider;

/// Supplies the capability of a provider: one attachment a graft.
pub struct Attachments(pub Rc<Provider>);

impl Source for Attachments {
    fn attach(&self, caller: Caller) -> LocalBoxFuture<'static, Result<Box<dyn ClientHook>, Error>> {
        Box::pin(self.0.clone().attach(caller))
    }
}
