//! Where a library is loaded from: memory that nobody can change any more.
//!
//! The dynamic loader opens a file by its path. Between our check of a file and that, another one could take its place; so
//! what is loaded is a copy of the checked bytes, in an anonymous file that is sealed against writing.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::fd::{AsFd, IntoRawFd as _, OwnedFd};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::PathBuf;
use std::ptr;

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
use rustix::io::Errno;
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};

/// Access of the owner only.
const MODE: u32 = 0o700;

/// Puts the bytes into a file that stays open as long as the process lives, and returns a path that opens it.
///
/// It has to stay open: the loader knows libraries by their paths, and would take one under a number that is used again
/// for the one that had it before.
pub(super) fn put(name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
    let file = match in_memory(name, bytes) {
        Ok(file) if is_executable(&file) => file,
        _ => on_disk(bytes)?,
    };
    let path = path(&file)?;
    let _kept_open = file.into_raw_fd();
    Ok(path)
}

fn in_memory(name: &str, bytes: &[u8]) -> io::Result<OwnedFd> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let name = format!("ww-plugin-{name}");
    let fd = match memfd_create(&*name, flags | MemfdFlags::EXEC) {
        // Kernels before 6.3 do not know the flag, and make every such file executable.
        Err(Errno::INVAL) => memfd_create(&*name, flags)?,
        result => result?,
    };
    let mut file = File::from(fd);
    file.write_all(bytes)?;
    fcntl_add_seals(&file, SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE)?;
    Ok(file.into())
}

/// A private copy, where memory may not be executed. It has no name any more when this returns.
fn on_disk(bytes: &[u8]) -> io::Result<OwnedFd> {
    let mut copy = tempfile::Builder::new().permissions(fs::Permissions::from_mode(MODE)).tempfile()?;
    copy.write_all(bytes)?;
    let file = OwnedFd::from(File::open(copy.path())?);
    if is_executable(&file) {
        return Ok(file);
    }
    let folder = std::env::temp_dir();
    let text = format!("{} may not hold programs; name a directory that may with TMPDIR", folder.display());
    Err(io::Error::new(io::ErrorKind::PermissionDenied, text))
}

/// Whether the system lets code be run from the file: it may forbid it for memory, or for a file system.
fn is_executable(file: &OwnedFd) -> bool {
    let protection = ProtFlags::READ | ProtFlags::EXEC;
    // SAFETY: a new mapping at a place of the kernel's choice changes nothing that is there, and it is taken away again
    // by its own address and length before anybody could have looked at it.
    unsafe {
        match mmap(ptr::null_mut(), 1, protection, MapFlags::PRIVATE, file, 0) {
            Ok(address) => munmap(address, 1).is_ok(),
            Err(_) => false,
        }
    }
}

/// The path that opens the file again, in this process.
fn path(file: &OwnedFd) -> io::Result<PathBuf> {
    use std::os::fd::AsRawFd as _;
    let path = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
    let about = rustix::fs::fstat(file.as_fd())?;
    match fs::metadata(&path) {
        Ok(found) if (found.dev(), found.ino()) == (about.st_dev, about.st_ino) => Ok(path),
        _ => Err(io::Error::other("/proc does not show this process's files; it has to be mounted")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_changes_what_is_in_memory() -> io::Result<()> {
        let path = put("kv", b"bytes")?;
        assert_eq!(fs::read(&path)?, b"bytes");
        assert!(fs::read_link(&path)?.to_string_lossy().contains("ww-plugin-kv"));
        let again = File::options().write(true).open(&path);
        assert!(again.and_then(|mut file| file.write_all(b"other")).is_err());
        assert_eq!(fs::read(&path)?, b"bytes");
        Ok(())
    }

    #[test]
    fn each_one_keeps_its_number() -> io::Result<()> {
        let (one, two) = (put("a", b"one")?, put("a", b"two")?);
        assert_ne!(one, two);
        assert_eq!((fs::read(one)?, fs::read(two)?), (b"one".to_vec(), b"two".to_vec()));
        Ok(())
    }

    #[test]
    fn a_copy_on_disk_is_private_and_has_no_name() -> io::Result<()> {
        let file = on_disk(b"bytes")?;
        let found = fs::metadata(path(&file)?)?;
        assert_eq!((found.mode() & 0o777, found.nlink()), (MODE, 0));
        assert_eq!(fs::read(path(&file)?)?, b"bytes");
        Ok(())
    }
}
