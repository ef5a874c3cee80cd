//! The key that a node is known by, and the file that it lives in.
//!
//! The file holds an Ed25519 private key in libp2p's own protobuf encoding (68 bytes), so that other libp2p programs
//! read and write the same file. It is refused where anybody but its owner has access to it: a key that others could
//! have read is not an identity any more, and a warning would be overlooked.
//!
//! The file is locked while a node uses it. Two nodes with one peer id would take each other's connections.

use std::fmt;
use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use libp2p::PeerId;
use libp2p::identity::Keypair;

/// Bytes of an identity file that are read at most. Ours have 68; the largest key of another kind, RSA with 8,192
/// bits, has about 5 KiB and gets an error that names its kind.
pub const MAX_FILE_BYTES: u64 = 16 * 1024;

/// Access of the owner only, for the file.
#[cfg(unix)]
const FILE_MODE: u32 = 0o600;

/// Access of the owner only, for directories that have to be made.
#[cfg(unix)]
const DIRECTORY_MODE: u32 = 0o700;

/// Why an identity cannot be used. Each text is one line with the file's name.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// Another node uses the file.
    #[error("identity {}: in use by another node", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The file exists and cannot be opened or read.
    #[error("identity {}: cannot be read: {cause}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        cause: io::Error,
    },
    /// The file does not exist and cannot be made.
    #[error("identity {}: cannot be created: {cause}", path.display())]
    Create {
        /// The file.
        path: PathBuf,
        /// The cause.
        cause: io::Error,
    },
    /// The file cannot be locked, because its file system has no locks.
    #[error("identity {}: cannot be locked: {cause}", path.display())]
    Lock {
        /// The file.
        path: PathBuf,
        /// The cause.
        cause: io::Error,
    },
    /// A directory, a pipe, a device.
    #[error("identity {}: is no regular file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// Others than the owner have access.
    #[error("identity {0}: others have access to it (mode {mode:04o}); chmod 600 {0}", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// More than [`MAX_FILE_BYTES`].
    #[error("identity {}: is larger than {MAX_FILE_BYTES} bytes, so it is no key", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// Not the encoding of a key.
    #[error("identity {}: holds no private key in libp2p's encoding", path.display())]
    Garbage {
        /// The file.
        path: PathBuf,
    },
    /// A key, but not an Ed25519 key.
    #[error("identity {}: holds a key of the kind {kind}, only Ed25519 is supported", path.display())]
    KeyType {
        /// The file.
        path: PathBuf,
        /// The kind.
        kind: &'static str,
    },
}

/// A node's key. One from a file keeps that file locked until it is dropped.
pub struct Identity {
    keypair: Keypair,
    file: Option<LockedFile>,
}

/// The open file carries the lock: closing it gives the lock back, also when the process is killed.
struct LockedFile {
    path: PathBuf,
    _lock: File,
}

impl Identity {
    /// A new key that is kept nowhere.
    pub fn ephemeral() -> Self {
        Self { keypair: Keypair::generate_ed25519(), file: None }
    }

    /// Reads the key from `path`, or makes one there, with the directories that are missing, and locks the file.
    pub fn load_or_create(path: &Path) -> Result<Self, IdentityError> {
        match Self::load(path)? {
            Some(identity) => Ok(identity),
            None => match Self::create(path)? {
                Some(identity) => Ok(identity),
                // Another node was faster; the file is complete and locked from its first moment on.
                None => Self::load(path)?.ok_or_else(|| IdentityError::Create {
                    path: path.to_owned(),
                    cause: io::Error::new(io::ErrorKind::NotFound, "it is made and removed at the same time"),
                }),
            },
        }
    }

    /// The key pair.
    pub fn keypair(&self) -> &Keypair {
        &self.keypair
    }

    /// The id that peers know this key by.
    pub fn peer_id(&self) -> PeerId {
        self.keypair.public().to_peer_id()
    }

    /// The file that holds the key; `None` for an ephemeral one.
    pub fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(|file| file.path.as_path())
    }

    /// `None`: there is no such file.
    fn load(path: &Path) -> Result<Option<Self>, IdentityError> {
        let read_error = |cause| IdentityError::Read { path: path.to_owned(), cause };
        // Before it is opened, because opening a pipe waits for its other end.
        match fs::metadata(path) {
            Ok(metadata) => check(path, &metadata)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return dangling(path).map(|()| None),
            Err(error) => return Err(read_error(error)),
        }
        let file = File::open(path).map_err(read_error)?;
        check(path, &file.metadata().map_err(read_error)?)?;
        lock(path, &file)?;
        let mut bytes = Vec::new();
        (&file).take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(read_error)?;
        let keypair = decode(path, &bytes)?;
        Ok(Some(Self { keypair, file: Some(LockedFile { path: path.to_owned(), _lock: file }) }))
    }

    /// `None`: there is such a file by now. The file appears under its name whole, synced and locked.
    fn create(path: &Path) -> Result<Option<Self>, IdentityError> {
        let failed = |cause| IdentityError::Create { path: path.to_owned(), cause };
        let directory = match path.parent() {
            Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
            Some(parent) => parent,
            None => return Err(IdentityError::NotAFile { path: path.to_owned() }),
        };
        make_directory(directory).map_err(failed)?;
        let keypair = Keypair::generate_ed25519();
        let bytes = keypair.to_protobuf_encoding().map_err(|error| failed(io::Error::other(error)))?;
        let mut file = new_file(directory).map_err(failed)?;
        lock(path, file.as_file())?;
        file.write_all(&bytes).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
        let file = match file.persist_noclobber(path) {
            Ok(file) => file,
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
            Err(error) => return Err(failed(error.error)),
        };
        // The name has to last like the key. Not every file system can sync a directory, and the key is there anyway.
        let _ = File::open(directory).and_then(|directory| directory.sync_all());
        Ok(Some(Self { keypair, file: Some(LockedFile { path: path.to_owned(), _lock: file }) }))
    }
}

/// Without the key.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("peer_id", &self.peer_id()).field("path", &self.path()).finish()
    }
}

fn check(path: &Path, metadata: &fs::Metadata) -> Result<(), IdentityError> {
    if !metadata.is_file() {
        return Err(IdentityError::NotAFile { path: path.to_owned() });
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = metadata.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(IdentityError::Exposed { path: path.to_owned(), mode });
        }
    }
    if metadata.len() > MAX_FILE_BYTES {
        return Err(IdentityError::TooLarge { path: path.to_owned() });
    }
    Ok(())
}

/// A symbolic link to nothing would be taken for a missing file, and then be in the way of the new one.
fn dangling(path: &Path) -> Result<(), IdentityError> {
    match fs::symlink_metadata(path) {
        Ok(_) => {
            let cause = io::Error::new(io::ErrorKind::NotFound, "it is a symbolic link to nothing");
            Err(IdentityError::Read { path: path.to_owned(), cause })
        }
        Err(_) => Ok(()),
    }
}

fn lock(path: &Path, file: &File) -> Result<(), IdentityError> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => IdentityError::InUse { path: path.to_owned() },
        TryLockError::Error(cause) => IdentityError::Lock { path: path.to_owned(), cause },
    })
}

fn decode(path: &Path, bytes: &[u8]) -> Result<Keypair, IdentityError> {
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(IdentityError::TooLarge { path: path.to_owned() });
    }
    Keypair::from_protobuf_encoding(bytes).map_err(|_| match other_kind(bytes) {
        Some(kind) => IdentityError::KeyType { path: path.to_owned(), kind },
        None => IdentityError::Garbage { path: path.to_owned() },
    })
}

/// The kind of a key that is no Ed25519 key: the message's first field (tag 0x08) is the kind, its second one (tag
/// 0x12) the key.
fn other_kind(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x08, 0, 0x12, ..] => Some("RSA"),
        [0x08, 2, 0x12, ..] => Some("Secp256k1"),
        [0x08, 3, 0x12, ..] => Some("ECDSA"),
        _ => None,
    }
}

fn make_directory(directory: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, DIRECTORY_MODE);
    builder.create(directory)
}

fn new_file(directory: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".identity-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(FILE_MODE));
    builder.tempfile_in(directory)
}

#[cfg(test)]
mod tests;
