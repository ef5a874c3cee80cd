//! The keys and values of one caller.

use std::rc::Rc;

use kv_api::{cursor, kv, watch};
use ww_plugin::capnp::Error;

use crate::checks::check_prefix;
use crate::cursor::Cursor;
use crate::store::Store;
use crate::watches::Watching;

/// What a caller gets.
pub(crate) struct Space {
    store: Rc<Store>,
    caller: Rc<str>,
}

impl Space {
    pub(crate) fn new(store: Rc<Store>, caller: &str) -> Self {
        Self { store, caller: caller.into() }
    }
}

impl kv::Server for Space {
    async fn get(self: Rc<Self>, params: kv::GetParams, mut results: kv::GetResults) -> Result<(), Error> {
        let key = params.get()?.get_key()?.to_string()?;
        let value = self.store.get(&self.caller, key).await?;
        let mut results = results.get();
        results.set_found(value.is_some());
        results.set_value(&value.unwrap_or_default());
        Ok(())
    }

    async fn put(self: Rc<Self>, params: kv::PutParams, _: kv::PutResults) -> Result<(), Error> {
        let params = params.get()?;
        let (key, value) = (params.get_key()?.to_string()?, params.get_value()?.to_vec());
        self.store.change(&self.caller, key, Some(value)).await?;
        Ok(())
    }

    async fn delete(self: Rc<Self>, params: kv::DeleteParams, mut results: kv::DeleteResults) -> Result<(), Error> {
        let key = params.get()?.get_key()?.to_string()?;
        let found = self.store.change(&self.caller, key, None).await?;
        results.get().set_found(found);
        Ok(())
    }

    async fn scan(self: Rc<Self>, params: kv::ScanParams, mut results: kv::ScanResults) -> Result<(), Error> {
        let prefix = params.get()?.get_prefix()?.to_string()?;
        check_prefix(&prefix)?;
        let cursor = Cursor::new(self.store.clone(), self.caller.clone(), prefix);
        results.get().set_cursor(ww_plugin::new_client::<cursor::Client, _>(cursor));
        Ok(())
    }

    async fn watch(self: Rc<Self>, params: kv::WatchParams, mut results: kv::WatchResults) -> Result<(), Error> {
        let params = params.get()?;
        let prefix = params.get_prefix()?.to_string()?;
        check_prefix(&prefix)?;
        let watching = Watching::start(&self.store.watches, &self.caller, prefix, params.get_watcher()?)?;
        results.get().set_watch(ww_plugin::new_client::<watch::Client, _>(watching));
        Ok(())
    }
}
