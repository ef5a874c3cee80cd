//! Reads a file once, whole.

use std::fs::{self, File, Metadata};
use std::io::Read as _;
use std::path::Path;

use super::error::Fault;

/// Bytes of a plugin's file. It is held in memory while it is checked, and a native one as long as the process lives; with
/// debug info, plugins have a hundred MiB or two.
pub const MAX_BYTES: u64 = 512 << 20;

pub(super) fn read(path: &Path) -> Result<Vec<u8>, Fault> {
    // Before it is opened, because opening a pipe waits for its other end.
    check(&fs::metadata(path).map_err(Fault::Read)?)?;
    let file = File::open(path).map_err(Fault::Read)?;
    let about = file.metadata().map_err(Fault::Read)?;
    check(&about)?;
    let mut bytes = Vec::with_capacity(usize::try_from(about.len()).unwrap_or(0));
    // It may grow meanwhile.
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(Fault::Read)?;
    match bytes.len() as u64 {
        length if length > MAX_BYTES => Err(Fault::TooLarge(length)),
        _ => Ok(bytes),
    }
}

fn check(about: &Metadata) -> Result<(), Fault> {
    if about.is_dir() {
        return Err(Fault::NotAFile("a directory"));
    }
    if !about.is_file() {
        return Err(Fault::NotAFile("a pipe or a device"));
    }
    if about.len() > MAX_BYTES { Err(Fault::TooLarge(about.len())) } else { Ok(()) }
}
