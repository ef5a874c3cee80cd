//! Hears of changes.

use std::rc::Rc;

use capnp::Error;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use kv_api::watcher;

/// Passes on the keys that it is told of.
pub(crate) struct Watcher(UnboundedSender<String>);

impl Watcher {
    pub(crate) fn new() -> (Self, UnboundedReceiver<String>) {
        let (sender, receiver) = unbounded();
        (Self(sender), receiver)
    }
}

impl watcher::Server for Watcher {
    async fn changed(self: Rc<Self>, params: watcher::ChangedParams, _: watcher::ChangedResults) -> Result<(), Error> {
        for key in params.get()?.get_keys()? {
            // Nobody listens any more: nothing to do.
            let _ = self.0.unbounded_send(key?.to_string()?);
        }
        Ok(())
    }
}
