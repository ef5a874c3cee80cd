//! The keys and values of one caller.

use std::rc::Rc;

use kv_api::{cursor, kv, watch};
use ww_plugin::capnp::Error;

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
        let key = key(params.get()?.get_key()?)?;
        let value = self.store.get(&self.caller, key).await?;
        let mut results = results.get();
        results.set_found(value.is_some());
        results.set_value(&value.unwrap_or_default());
        Ok(())
    }

    async fn put(self: Rc<Self>, params: kv::PutParams, _: kv::PutResults) -> Result<(), Error> {
        let params = params.get()?;
        let value = value(params.get_value()?)?;
        self.store.change(&self.caller, key(params.get_key()?)?, Some(value)).await?;
        Ok(())
    }

    async fn delete(self: Rc<Self>, params: kv::DeleteParams, mut results: kv::DeleteResults) -> Result<(), Error> {
        let found = self.store.change(&self.caller, key(params.get()?.get_key()?)?, None).await?;
        results.get().set_found(found);
        Ok(())
    }

    async fn scan(self: Rc<Self>, params: kv::ScanParams, mut results: kv::ScanResults) -> Result<(), Error> {
        let prefix = prefix(params.get()?.get_prefix()?)?;
        let cursor = Cursor::new(self.store.clone(), self.caller.clone(), prefix);
        results.get().set_cursor(ww_plugin::new_client::<cursor::Client, _>(cursor));
        Ok(())
    }

    async fn watch(self: Rc<Self>, params: kv::WatchParams, mut results: kv::WatchResults) -> Result<(), Error> {
        let params = params.get()?;
        let watching =
            Watching::start(&self.store.watches, &self.caller, prefix(params.get_prefix()?)?, params.get_watcher()?)?;
        results.get().set_watch(ww_plugin::new_client::<watch::Client, _>(watching));
        Ok(())
    }
}

/// A key that was checked.
pub(crate) fn key(text: ww_plugin::capnp::text::Reader<'_>) -> Result<String, Error> {
    let key = prefix(text)?;
    if key.is_empty() { Err(Error::failed("a key has at least 1 byte".into())) } else { Ok(key) }
}

fn prefix(text: ww_plugin::capnp::text::Reader<'_>) -> Result<String, Error> {
    if text.len() > kv::MAX_KEY as usize {
        return Err(Error::failed(format!("a key of {} bytes; {} is the most", text.len(), kv::MAX_KEY)));
    }
    Ok(text.to_string()?)
}

/// A value that was checked.
pub(crate) fn value(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    if bytes.len() > kv::MAX_VALUE as usize {
        return Err(Error::failed(format!("a value of {} bytes; {} is the most", bytes.len(), kv::MAX_VALUE)));
    }
    Ok(bytes.to_vec())
}
