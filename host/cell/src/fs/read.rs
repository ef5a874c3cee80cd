//! Reading a file of an image for the host's own use, such as the guest that it boots.

use super::area::Home;
use super::budget::Budget;
use super::error::{FsError, FsResult};
use super::input::read_once;
use super::namespace::{Namespace, Open, OpenHow};
use super::offload;
use super::path::TreePath;
use super::tree::{ReadAt, Tree};
use std::sync::Arc;

/// Bytes read at a time.
const PART: usize = 1024 * 1024;

/// Reads at most `most` bytes of the file at `path`, and says where that is once links are followed. They lead where they
/// lead for a guest: never out of the image, and not into `/tmp` and `/var`, which are empty here.
///
/// # Errors
/// As for a guest: `NotFound`, `NotDirectory`, `IsDirectory`, `NotPermitted` where a link climbs above the root, …
pub async fn read_file(image: Arc<dyn Tree>, path: &str, most: u64) -> FsResult<(TreePath, Vec<u8>)> {
    let nothing = Budget::new(0);
    let namespace = Namespace::new(image, Home::Nowhere, Home::Nowhere, &nothing, &nothing);
    let how = OpenHow { follow: true, ..OpenHow::default() };
    match namespace.open_at(&TreePath::root(), path, how).await? {
        (path, Open::Image(entry, file)) => {
            let bytes = offload::run(move || read(&*file, entry.size.min(most), most)).await?;
            Ok((path, bytes))
        }
        (_, Open::Directory(_)) => Err(FsError::IsDirectory),
        (_, Open::Area(..)) => Err(FsError::NotFound),
    }
}

/// Blocks. The file may have changed its size since that was looked at.
fn read(file: &dyn ReadAt, size: u64, most: u64) -> FsResult<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    loop {
        let left = usize::try_from(most - bytes.len() as u64).unwrap_or(PART).min(PART);
        let start = bytes.len();
        bytes.resize(start + left, 0);
        let length = read_once(file, &mut bytes[start..], start as u64)?;
        bytes.truncate(start + length);
        if length == 0 {
            return Ok(bytes);
        }
    }
}
