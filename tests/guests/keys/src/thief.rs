//! Keeps what it is told to call.

use std::cell::RefCell;
use std::rc::Rc;

use capnp::Error;
use kv_api::{kv, watcher};

/// A `Kv` that has nothing, and takes.
#[derive(Default)]
pub(crate) struct Thief(RefCell<Option<watcher::Client>>);

impl Thief {
    /// What it took.
    pub(crate) fn taken(&self) -> capnp::Result<watcher::Client> {
        self.0.take().ok_or_else(|| Error::failed("nothing was handed in".into()))
    }
}

impl kv::Server for Thief {
    async fn watch(self: Rc<Self>, params: kv::WatchParams, mut results: kv::WatchResults) -> capnp::Result<()> {
        let watcher = params.get()?.get_watcher()?;
        results.get().set_watch(capnp::capability::FromClientHook::new(watcher.client.hook.add_ref()));
        self.0.replace(Some(watcher));
        Ok(())
    }
}
