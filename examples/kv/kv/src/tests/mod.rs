//! The provider, opened without a node.

mod capability;
mod command_line;

use std::path::Path;

use kv_api::kv;
use serde_json::json;
use tempfile::TempDir;
use ww_plugin::capnp::Error;
use ww_plugin::testing::{self, Opened};
use ww_plugin::{Grants, Result};

use crate::Provider;

/// What a caller may keep in these tests, in bytes.
const QUOTA: u64 = 1024 * 1024;

/// Runs a test with a provider whose database is new.
fn with_kv(test: impl AsyncFnOnce(Opened<Provider>) -> Result<()>) -> Result<()> {
    let folder = TempDir::new()?;
    testing::run(async { test(open(folder.path()).await?).await })
}

/// Opens the database in a folder.
async fn open(folder: &Path) -> Result<Opened<Provider>, Error> {
    testing::open(json!({ "path": folder.join("kv.redb"), "quota": QUOTA }), Grants::default()).await
}

async fn put(kv: &kv::Client, key: &str, value: &[u8]) -> Result<(), Error> {
    let mut request = kv.put_request();
    request.get().set_key(key);
    request.get().set_value(value);
    request.send().promise.await.map(drop)
}

async fn get(kv: &kv::Client, key: &str) -> Result<Option<Vec<u8>>, Error> {
    let mut request = kv.get_request();
    request.get().set_key(key);
    let answer = request.send().promise.await?;
    let answer = answer.get()?;
    Ok(if answer.get_found() { Some(answer.get_value()?.to_vec()) } else { None })
}

async fn delete(kv: &kv::Client, key: &str) -> Result<bool, Error> {
    let mut request = kv.delete_request();
    request.get().set_key(key);
    Ok(request.send().promise.await?.get()?.get_found())
}
