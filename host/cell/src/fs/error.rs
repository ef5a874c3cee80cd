//! Why a file operation failed, and what a guest is told of it.

use super::bindings::types::ErrorCode;
use std::io;

/// Why an operation on a guest's file tree failed.
#[derive(Debug, thiserror::Error, Clone, PartialEq, Eq)]
pub enum FsError {
    /// There is nothing of that name, or nothing that a guest may see.
    #[error("no such file or directory")]
    NotFound,
    /// A directory is needed, and something else is there.
    #[error("not a directory")]
    NotDirectory,
    /// A file is needed, and a directory is there.
    #[error("is a directory")]
    IsDirectory,
    /// Something of that name is there already.
    #[error("exists already")]
    Exists,
    /// The directory to remove or replace holds something.
    #[error("directory not empty")]
    NotEmpty,
    /// The place belongs to the image, which nobody writes to.
    #[error("the image is read-only")]
    ReadOnly,
    /// The path leaves the tree.
    #[error("the path leads out of the tree")]
    NotPermitted,
    /// The host's own permissions forbid it.
    #[error("permission denied")]
    Access,
    /// The path leads through too many symbolic links, or ends in one where none is allowed.
    #[error("too many symbolic links")]
    Loop,
    /// A name, a path or a nesting is too long.
    #[error("name too long")]
    NameTooLong,
    /// An argument means nothing.
    #[error("invalid argument")]
    Invalid,
    /// A name is not Unicode text.
    #[error("a name is not UTF-8")]
    NotText,
    /// The cell's disk limit, or the host's disk, is reached.
    #[error("no space left: the cell's limit for /tmp and /var, or the disk, is full")]
    NoSpace,
    /// The cell holds as many descriptors or streams as it may.
    #[error("too many open files or streams in this cell")]
    TooManyOpen,
    /// The descriptor was not opened for this.
    #[error("the descriptor does not allow this")]
    BadDescriptor,
    /// The two places do not lie in the same writable directory.
    #[error("the two paths lie on different file systems")]
    CrossDevice,
    /// The object is in use, such as the root of a file system.
    #[error("busy")]
    Busy,
    /// A number does not fit.
    #[error("value too large")]
    Overflow,
    /// The file would be larger than the host allows.
    #[error("file too large")]
    TooLarge,
    /// The file has as many links as the host allows.
    #[error("too many links")]
    TooManyLinks,
    /// There is no such operation here.
    #[error("not supported")]
    Unsupported,
    /// Anything else, in the host's words. They stay in the host: a guest sees `io`.
    #[error("{0}")]
    Io(String),
}

/// What an operation on the file tree gives.
pub type FsResult<T> = Result<T, FsError>;

impl From<io::Error> for FsError {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind as Kind;
        match error.kind() {
            Kind::NotFound => Self::NotFound,
            // Without a number it is not the host that refuses, but the walk that noticed a way out.
            Kind::PermissionDenied if error.raw_os_error().is_none() => Self::NotPermitted,
            Kind::PermissionDenied => Self::Access,
            Kind::AlreadyExists => Self::Exists,
            Kind::NotADirectory => Self::NotDirectory,
            Kind::IsADirectory => Self::IsDirectory,
            Kind::DirectoryNotEmpty => Self::NotEmpty,
            Kind::ReadOnlyFilesystem => Self::ReadOnly,
            Kind::InvalidInput => Self::Invalid,
            Kind::InvalidFilename => Self::NameTooLong,
            Kind::StorageFull | Kind::QuotaExceeded => Self::NoSpace,
            Kind::FileTooLarge => Self::TooLarge,
            Kind::TooManyLinks => Self::TooManyLinks,
            Kind::CrossesDevices => Self::CrossDevice,
            Kind::ResourceBusy => Self::Busy,
            Kind::Unsupported => Self::Unsupported,
            _ => Self::Io(error.to_string()),
        }
    }
}

impl From<&FsError> for ErrorCode {
    fn from(error: &FsError) -> Self {
        match error {
            FsError::NotFound => Self::NoEntry,
            FsError::NotDirectory => Self::NotDirectory,
            FsError::IsDirectory => Self::IsDirectory,
            FsError::Exists => Self::Exist,
            FsError::NotEmpty => Self::NotEmpty,
            FsError::ReadOnly => Self::ReadOnly,
            FsError::NotPermitted => Self::NotPermitted,
            FsError::Access => Self::Access,
            FsError::Loop => Self::Loop,
            FsError::NameTooLong => Self::NameTooLong,
            FsError::Invalid => Self::Invalid,
            FsError::NotText => Self::IllegalByteSequence,
            FsError::NoSpace => Self::InsufficientSpace,
            FsError::TooManyOpen => Self::Quota,
            FsError::BadDescriptor => Self::BadDescriptor,
            FsError::CrossDevice => Self::CrossDevice,
            FsError::Busy => Self::Busy,
            FsError::Overflow => Self::Overflow,
            FsError::TooLarge => Self::FileTooLarge,
            FsError::TooManyLinks => Self::TooManyLinks,
            FsError::Unsupported => Self::Unsupported,
            FsError::Io(_) => Self::Io,
        }
    }
}

/// What the host functions return: an error for the guest, or a trap.
#[allow(unreachable_pub, reason = "the generated bindings name it")]
pub type HostError = wasmtime_wasi::TrappableError<ErrorCode>;

/// See [`HostError`].
pub(crate) type HostResult<T> = Result<T, HostError>;

impl From<FsError> for HostError {
    fn from(error: FsError) -> Self {
        if let FsError::Io(text) = &error {
            tracing::debug!(target: "ww::cell::fs", %text, "a file operation failed");
        }
        ErrorCode::from(&error).into()
    }
}
