//! What lies in an image's folder, to be compared.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// All that is in `folder` and below, by its path from there: the mode, and the contents of a file or the target of a
/// symbolic link, which is not followed.
///
/// # Panics
/// Where something cannot be read.
pub fn contents(folder: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut found = BTreeMap::new();
    let mut open = vec![PathBuf::new()];
    while let Some(place) = open.pop() {
        for entry in std::fs::read_dir(folder.join(&place)).expect("a folder that can be listed") {
            let entry = entry.expect("an entry of a folder");
            let name = place.join(entry.file_name());
            let about = entry.metadata().expect("what an entry is");
            let bytes = if about.is_dir() {
                open.push(name.clone());
                Vec::new()
            } else if about.is_symlink() {
                std::fs::read_link(entry.path()).expect("a target").into_os_string().into_encoded_bytes()
            } else {
                std::fs::read(entry.path()).expect("a file that can be read")
            };
            found.insert(name, (about.permissions().mode(), bytes));
        }
    }
    found
}
