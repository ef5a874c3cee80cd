//! The image that a node runs: a local directory.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use ww_cell::limits::COMPONENT_BYTES;

use super::error::Error;

/// The guest of an image, in it.
const BOOT: &str = "boot/main.wasm";

/// An image that has a guest.
pub(super) struct Image {
    /// The directory, as an absolute path.
    pub(super) root: PathBuf,
    /// The file of the guest.
    pub(super) boot: PathBuf,
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
}

/// Opens the image at `path` and reads its guest.
pub(super) fn open(path: &Path) -> Result<Image, Error> {
    let failed = |cause| Error::Image { path: path.to_owned(), cause };
    let root = path.canonicalize().map_err(failed)?;
    if !root.is_dir() {
        return Err(failed(io::Error::from(io::ErrorKind::NotADirectory)));
    }
    let boot = root.join(BOOT);
    let bytes = match read(&root, &boot) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(no_boot(path, &root)),
        Err(cause) => return Err(Error::Image { path: boot, cause }),
    };
    Ok(Image { root, boot, bytes })
}

/// At most one byte more than a component may have: enough to be refused with the limit's name.
fn read(root: &Path, boot: &Path) -> io::Result<Vec<u8>> {
    let boot = boot.canonicalize()?;
    // An image that somebody else made must not choose among the files of this machine.
    if !boot.starts_with(root) {
        return Err(io::Error::other("it is a symbolic link that points out of the image"));
    }
    // Opening a pipe would wait for its other end.
    if !boot.metadata()?.is_file() {
        return Err(io::Error::other("this is no file"));
    }
    let mut bytes = Vec::new();
    File::open(boot)?.take(COMPONENT_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn no_boot(path: &Path, root: &Path) -> Error {
    let remedy = if root.join("Cargo.toml").exists() {
        let path = if path == Path::new(".") { String::new() } else { format!(" {}", path.display()) };
        format!("run `ww build{path}` first")
    } else {
        "an image is a directory with a guest in it; `ww init` makes a project for one".to_owned()
    };
    Error::NoBoot { path: path.to_owned(), remedy }
}

impl Image {
    /// The name of the image's own guest: the last name of its path.
    pub(super) fn name(&self) -> String {
        self.root.file_name().map_or_else(|| "root".to_owned(), |name| name.to_string_lossy().into_owned())
    }
}
