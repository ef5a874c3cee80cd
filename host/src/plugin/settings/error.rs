//! Why a configuration file cannot be used.

use std::io;
use std::path::PathBuf;

use super::MAX_BYTES;

/// Why a configuration file cannot be used: one line with the file's name.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// It is not there, or cannot be read.
    #[error("config {}: cannot be read: {cause}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
    /// More than [`MAX_BYTES`].
    #[error("config {}: has more than {MAX_BYTES} bytes", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// It is no TOML, or has a key that is not known, or a value that is not right.
    #[error("config {}:{line}:{column}: {message}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// In letters, from 1.
        column: usize,
        /// What is wrong there.
        message: String,
    },
}
