//! What a plugin is compiled to.

use std::env::consts::{DLL_EXTENSION, DLL_PREFIX, DLL_SUFFIX};
use std::path::PathBuf;
use std::process::ExitStatus;

use super::super::{Error, TARGET};

/// Where the files go, from the folder of the workspace.
const FOLDER: &str = "dist";

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A shared library, for this machine.
    Native,
    /// A component.
    Component,
}

impl Kind {
    /// The kinds that the user has chosen: both, where none.
    pub(super) fn chosen(native: bool, component: bool) -> &'static [Self] {
        match (native, component) {
            (true, false) => &[Self::Native],
            (false, true) => &[Self::Component],
            _ => &[Self::Native, Self::Component],
        }
    }

    /// What cargo is told, beyond the package and the profile.
    pub(super) fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Native => &["--lib", "--release"],
            Self::Component => &["--lib", "--release", "--target", TARGET],
        }
    }

    /// What the file's name ends in, without the dot.
    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Native => DLL_EXTENSION,
            Self::Component => "wasm",
        }
    }

    /// Where the file of a package goes.
    pub(super) fn destination(self, package: &str) -> PathBuf {
        let file = match self {
            Self::Native => format!("{DLL_PREFIX}{package}{DLL_SUFFIX}"),
            Self::Component => format!("{package}.wasm"),
        };
        PathBuf::from(FOLDER).join(file)
    }

    /// What it means that cargo has failed.
    pub(super) fn failure(self, status: ExitStatus) -> Error {
        match self {
            Self::Native => Error::Compile(status),
            Self::Component => Error::CompileComponent(status),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_built_unless_one_is_chosen() {
        assert_eq!(Kind::chosen(false, false), Kind::chosen(true, true));
        assert_eq!(
            (Kind::chosen(true, false), Kind::chosen(false, true)),
            (&[Kind::Native][..], &[Kind::Component][..])
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn files_are_called_after_the_package() {
        assert_eq!(Kind::Native.destination("my-kv"), PathBuf::from("dist/libmy-kv.so"));
        assert_eq!(Kind::Component.destination("my-kv"), PathBuf::from("dist/my-kv.wasm"));
    }
}
