//! Seals: the BLAKE3 hash of all that is before them, as the last bytes of a file.
//!
//! A native library ends with a trailer, which no loader looks at. A component ends with a custom section, which every
//! tool passes over.

use super::PluginFile;
use super::error::Fault;
use super::kind::Kind;

/// The name of the section in a component.
pub(super) const SECTION: &str = "ww.seal";

/// Bytes of a BLAKE3 hash.
const HASH: usize = 32;

/// What stands before the hash in a library. Its last byte is the version of the seal.
const NATIVE: &[u8] = b"ww-seal\x01";

/// What stands before the hash in a component: a custom section of 40 bytes, 8 of which are its name.
const COMPONENT: &[u8] = b"\x00\x28\x07ww.seal";

/// The library without its seal, and whether there was one.
pub(super) fn native(bytes: &[u8]) -> Result<(&[u8], bool), Fault> {
    let body = opened(bytes, NATIVE)?;
    // What is left of a damaged seal lies behind the library's end, and is found there.
    Ok((body.unwrap_or(bytes), body.is_some()))
}

/// Whether the component is sealed, told by its last bytes alone: its structure may be damaged.
pub(super) fn component(bytes: &[u8]) -> Result<bool, Fault> {
    if opened(bytes, COMPONENT)?.is_some() {
        return Ok(true);
    }
    match split(bytes, COMPONENT) {
        // The hash is right, so it is what stands before it that was damaged.
        Some((body, _, hash)) if matches(body, hash) => Err(Fault::Seal),
        _ => Ok(false),
    }
}

/// What is before a seal that starts like `start`, where there is such a seal.
fn opened<'a>(bytes: &'a [u8], start: &[u8]) -> Result<Option<&'a [u8]>, Fault> {
    match split(bytes, start) {
        Some((body, found, hash)) if found == start => {
            if matches(body, hash) {
                Ok(Some(body))
            } else {
                Err(Fault::Seal)
            }
        }
        _ => Ok(None),
    }
}

/// The seal of a file that has none: what is to be written behind its last byte.
pub fn write(file: &PluginFile) -> Vec<u8> {
    let start = match file.kind() {
        Kind::Native(_) => NATIVE,
        Kind::Component => COMPONENT,
    };
    [start, blake3::hash(file.bytes()).as_bytes()].concat()
}

/// What is before a seal that starts like `start`, what is in the place of its start, and its hash.
fn split<'a>(bytes: &'a [u8], start: &[u8]) -> Option<(&'a [u8], &'a [u8], &'a [u8])> {
    let (rest, hash) = bytes.split_at_checked(bytes.len().checked_sub(HASH)?)?;
    let (body, start) = rest.split_at_checked(rest.len().checked_sub(start.len())?)?;
    Some((body, start, hash))
}

fn matches(body: &[u8], hash: &[u8]) -> bool {
    blake3::hash(body).as_bytes() == hash
}
