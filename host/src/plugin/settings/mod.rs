//! What the operator says about plugins and grants: in a file of theirs, and with `--set`.
//!
//! The file is `--config FILE`, else `config.toml` in the user's configuration directory. It is never one of an image or of
//! the working directory: whoever writes those must not decide what a guest is granted.

mod document;
mod error;
mod json;
mod set;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use directories::ProjectDirs;
use membrane::Name;
use serde_json::{Map, Value};

pub use error::SettingsError;
pub use set::{Assignment, AssignmentError, Conflict};
pub(super) use set::{merge, tree};

use super::component::ComponentLimits;
use super::file::Sha256;

/// Bytes of a configuration file. One written by hand has a few KiB.
pub const MAX_BYTES: u64 = 1 << 20;

/// The file in the user's configuration directory.
const FILE: &str = "config.toml";

/// What a configuration file says.
#[derive(Debug, Default)]
pub struct Settings {
    /// The file; none where there is none.
    pub file: Option<PathBuf>,
    /// The tables `[plugins.NAME]`.
    pub plugins: BTreeMap<Name, PluginSettings>,
    /// The table `[guest]`.
    pub guest: GuestSettings,
}

/// What a configuration file says about one plugin.
#[derive(Debug, Default)]
pub struct PluginSettings {
    /// Its file; from the folder of the configuration file where it is relative.
    pub path: Option<PathBuf>,
    /// The digest that its file must have.
    pub sha256: Option<Sha256>,
    /// What it is opened with.
    pub config: Map<String, Value>,
    /// The capabilities that it may use.
    pub grants: Vec<Name>,
    /// What it may use of the machine: keys of the same table.
    pub limits: ComponentLimits,
}

/// What a configuration file says about the image's own guest.
#[derive(Debug, Default)]
pub struct GuestSettings {
    /// What it may graft: these and no others, where they are said.
    pub grants: Option<Vec<Name>>,
    /// What it may not graft.
    pub deny: Vec<Name>,
}

impl Settings {
    /// Reads the file that was asked for, else the user's, which need not exist.
    ///
    /// # Errors
    /// Where it cannot be read, is too long, or says what is not known or not right: with line and column.
    pub fn load(asked: Option<&Path>) -> Result<Self, SettingsError> {
        let usual = ProjectDirs::from("", "", "ww").map(|dirs| dirs.config_dir().join(FILE));
        match (asked, usual) {
            (Some(path), _) => Self::read(path),
            (None, Some(path)) => match Self::read(&path) {
                Err(SettingsError::Read { cause, .. }) if cause.kind() == io::ErrorKind::NotFound => {
                    Ok(Self::default())
                }
                result => result,
            },
            (None, None) => Ok(Self::default()),
        }
    }

    fn read(path: &Path) -> Result<Self, SettingsError> {
        let failed = |cause| SettingsError::Read { path: path.to_owned(), cause };
        let mut bytes = Vec::new();
        // Anything that can be read, a pipe too: the operator named it.
        File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes)).map_err(failed)?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(SettingsError::TooLong { path: path.to_owned() });
        }
        let text = String::from_utf8(bytes).map_err(|_| failed(io::ErrorKind::InvalidData.into()))?;
        document::parse(path, &text)
    }
}

#[cfg(test)]
mod tests;
