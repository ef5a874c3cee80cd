//! What the command line says about plugins and grants.

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

use membrane::{Name, NameError};

use crate::plugin::search::Search;
use crate::plugin::settings::Assignment;

/// What the command line says about plugins and grants.
#[derive(Debug, Default)]
pub struct Options {
    /// The plugins to load.
    pub plugins: Vec<NamedFile>,
    /// Where standard plugins are looked for; none where they are not wanted.
    pub search: Option<Search>,
    /// Values of plugins' configurations.
    pub set: Vec<Assignment>,
    /// What guest and plugins may use.
    pub grant: Vec<Grant>,
    /// What the guest may not use.
    pub deny: Vec<Name>,
}

/// `[NAME=]FILE`: a plugin, and the name that the operator gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    /// The name; where there is none, the plugin's own.
    pub name: Option<Name>,
    /// The file.
    pub file: PathBuf,
}

impl TryFrom<OsString> for NamedFile {
    type Error = NameError;

    /// A path may have a `=` in it: a name has no `/`, so `./a=b` is a path.
    fn try_from(text: OsString) -> Result<Self, NameError> {
        let named = text.to_str().and_then(|text| text.split_once('=')).filter(|(name, _)| !name.contains('/'));
        match named {
            Some((name, file)) => Ok(Self { name: Some(name.parse()?), file: file.into() }),
            None => Ok(Self { name: None, file: text.into() }),
        }
    }
}

/// `[PROVIDER:]NAME`: a capability that somebody may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    /// The image's own guest may graft it.
    Guest(Name),
    /// A provider gets it when it is opened.
    Provider {
        /// The provider.
        provider: Name,
        /// The capability.
        name: Name,
    },
}

impl Grant {
    /// What the guest is granted, if it is the guest.
    pub fn to_guest(&self) -> Option<&Name> {
        match self {
            Self::Guest(name) => Some(name),
            Self::Provider { .. } => None,
        }
    }
}

impl FromStr for Grant {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Ok(match text.split_once(':') {
            Some((provider, name)) => Self::Provider { provider: provider.parse()?, name: name.parse()? },
            None => Self::Guest(text.parse()?),
        })
    }
}
