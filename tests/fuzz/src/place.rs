//! Folders that one input uses.

use std::path::Path;

use tempfile::TempDir;

/// Where Linux keeps files in memory. A disk takes ten times as long to make and remove some files.
const IN_MEMORY: &str = "/dev/shm";

/// An empty folder, removed when it is dropped.
pub(crate) fn place() -> TempDir {
    let mut builder = tempfile::Builder::new();
    builder.prefix("ww-fuzz-");
    let made = if Path::new(IN_MEMORY).is_dir() { builder.tempdir_in(IN_MEMORY) } else { builder.tempdir() };
    made.expect("a temporary folder")
}
