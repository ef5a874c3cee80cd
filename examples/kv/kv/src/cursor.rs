//! A place among the keys of a caller.

use std::cell::RefCell;
use std::rc::Rc;

use kv_api::cursor;
use ww_plugin::capnp::Error;

use crate::store::Store;

/// It remembers a key and no state of the database, so that one which is never read on holds up nothing.
pub(crate) struct Cursor {
    store: Rc<Store>,
    caller: Rc<str>,
    prefix: String,
    last: RefCell<Option<String>>,
}

impl Cursor {
    pub(crate) fn new(store: Rc<Store>, caller: Rc<str>, prefix: String) -> Self {
        Self { store, caller, prefix, last: RefCell::default() }
    }
}

impl cursor::Server for Cursor {
    async fn next(self: Rc<Self>, params: cursor::NextParams, mut results: cursor::NextResults) -> Result<(), Error> {
        let most = match params.get()?.get_max_entries() {
            0 => usize::MAX,
            most => most as usize,
        };
        let last = self.last.borrow().clone();
        let page = self.store.page(&self.caller, self.prefix.clone(), last, most).await?;
        let mut entries = results.get().init_entries(page.len() as u32);
        for (index, (key, value)) in (0..).zip(&page) {
            let mut entry = entries.reborrow().get(index);
            entry.set_key(key);
            entry.set_value(value);
        }
        if let Some((key, _)) = page.into_iter().next_back() {
            self.last.replace(Some(key));
        }
        Ok(())
    }
}
