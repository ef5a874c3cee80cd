//! What keys and values may be.

use kv_api::kv;
use ww_plugin::capnp::Error;

pub(crate) fn check_key(key: &str) -> Result<(), Error> {
    check_prefix(key)?;
    if key.is_empty() { Err(Error::failed("a key has at least 1 byte".into())) } else { Ok(()) }
}

/// The beginning of a key: an empty one is that of all.
pub(crate) fn check_prefix(prefix: &str) -> Result<(), Error> {
    at_most(kv::MAX_KEY, prefix.len(), "a key")
}

pub(crate) fn check_value(value: &[u8]) -> Result<(), Error> {
    at_most(kv::MAX_VALUE, value.len(), "a value")
}

fn at_most(most: u32, length: usize, what: &str) -> Result<(), Error> {
    if length <= most as usize {
        return Ok(());
    }
    Err(Error::failed(format!("{what} of {length} bytes; {most} is the most")))
}
