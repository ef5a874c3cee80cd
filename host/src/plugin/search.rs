//! Where standard plugins are looked for.
//!
//! Never in an image or in the working directory: what lies there is not the operator's choice, and a native plugin is
//! code in the host's process.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use membrane::Name;

/// The variable with folders of plugins, as `PATH` has those of programs.
pub const VARIABLE: &str = "WW_PLUGIN_PATH";

/// Where plugins lie under the prefix that `ww` is installed in; its program lies in `bin`.
const INSTALLED: &str = "lib/ww/plugins";

/// Why plugins cannot be looked for.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// A folder that was asked for is none.
    #[error("--plugin-dir {}: {cause}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the operating system says.
        cause: std::io::Error,
    },
    /// It would depend on where `ww` is started.
    #[error("{VARIABLE}: '{}' is no absolute path", .0.display())]
    Relative(PathBuf),
}

/// Why a folder is looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// `--plugin-dir`.
    Option,
    /// `WW_PLUGIN_PATH`.
    Variable,
    /// Where an installed `ww` has its plugins.
    Prefix,
    /// The folder of the program, where a build leaves both.
    Beside,
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Option => "--plugin-dir",
            Self::Variable => VARIABLE,
            Self::Prefix => "installed",
            Self::Beside => "beside ww",
        })
    }
}

/// The folders that standard plugins are looked for in, in this order.
#[derive(Debug, Default)]
pub struct Search {
    folders: Vec<(Source, PathBuf)>,
}

impl Search {
    /// `options`: what `--plugin-dir` names; `variable`: the value of [`VARIABLE`]; `program`: this program's file.
    ///
    /// # Errors
    /// Where a folder of an option is none, or one of the variable is not absolute. One of the variable need not exist.
    pub fn new(options: &[PathBuf], variable: Option<&OsStr>, program: Option<&Path>) -> Result<Self, SearchError> {
        let mut folders = Vec::new();
        for folder in options {
            // Its listing, since a file would be found as well.
            std::fs::read_dir(folder).map_err(|cause| SearchError::Folder { folder: folder.clone(), cause })?;
            folders.push((Source::Option, folder.clone()));
        }
        // An empty entry is the working directory in other variables of this kind; here it is nothing.
        let named = variable.map(std::env::split_paths).into_iter().flatten().filter(|it| !it.as_os_str().is_empty());
        for folder in named {
            if !folder.is_absolute() {
                return Err(SearchError::Relative(folder));
            }
            folders.push((Source::Variable, folder));
        }
        if let Some(folder) = program.and_then(Path::parent) {
            folders.extend(folder.parent().map(|prefix| (Source::Prefix, prefix.join(INSTALLED))));
            folders.push((Source::Beside, folder.to_owned()));
        }
        Ok(Self { folders })
    }

    /// The file of a standard plugin, in the first folder that has one.
    pub fn find(&self, name: &Name) -> Option<(Source, PathBuf)> {
        let file = file_name(name);
        let paths = self.folders.iter().map(|(source, folder)| (*source, folder.join(&file)));
        // What cannot be looked at is tried: whoever reads it says why not.
        paths.into_iter().find(|(_, path)| path.try_exists().unwrap_or(true))
    }

    /// What was looked for where, for a message.
    pub fn looked_for(&self, name: &Name) -> String {
        let folders: Vec<_> = self.folders.iter().map(|(_, folder)| folder.display().to_string()).collect();
        format!(
            "looked for {} in {}",
            file_name(name),
            if folders.is_empty() { "no folder".to_owned() } else { folders.join(", ") }
        )
    }
}

/// The file of a plugin, as a compiler names a library.
fn file_name(name: &Name) -> String {
    format!("{DLL_PREFIX}{name}{DLL_SUFFIX}")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn name(text: &str) -> Name {
        text.parse().expect("a name")
    }

    #[test]
    fn folders_are_looked_into_in_order() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let at = |path: &str| place.path().join(path);
        let folders = ["one", "two", "var", "prefix/lib/ww/plugins", "prefix/bin"].map(at);
        folders.iter().for_each(|folder| fs::create_dir_all(folder).expect("a folder"));
        let variable = format!(":{}:{}:", at("absent").display(), folders[2].display());
        let program = folders[4].join("ww");
        let search = Search::new(&folders[..2], Some(OsStr::new(&variable)), Some(&program)).expect("folders");
        assert_eq!(search.find(&name("kv")), None);
        let file = |folder: &Path| folder.join(file_name(&name("kv")));
        let sources = [Source::Option, Source::Option, Source::Variable, Source::Prefix, Source::Beside];
        for (folder, source) in folders.iter().zip(sources).rev() {
            fs::write(file(folder), "").expect("a file");
            assert_eq!(search.find(&name("kv")), Some((source, file(folder))));
        }
        let looked = search.looked_for(&name("kv"));
        let order: Vec<_> = folders.iter().map(|folder| looked.find(&*folder.to_string_lossy())).collect();
        assert!(order.is_sorted() && order[0].is_some() && looked.starts_with("looked for libkv."), "{looked}");
    }

    #[test]
    fn the_working_directory_is_no_place_for_plugins() {
        let search = Search::new(&[], Some(OsStr::new("")), None).expect("nothing");
        assert_eq!(search.looked_for(&name("kv")), format!("looked for {} in no folder", file_name(&name("kv"))));
        for variable in ["plugins", ".", "/opt:../plugins"] {
            let error = Search::new(&[], Some(OsStr::new(variable)), None).expect_err(variable).to_string();
            assert!(error.starts_with("WW_PLUGIN_PATH: '") && error.ends_with("' is no absolute path"), "{error}");
        }
    }

    #[test]
    fn a_folder_that_was_asked_for_has_to_be_one() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        for folder in [file.path().to_owned(), file.path().with_file_name("absent-folder-of-plugins")] {
            let error = Search::new(std::slice::from_ref(&folder), None, None).expect_err("no folder").to_string();
            assert!(error.starts_with(&format!("--plugin-dir {}: ", folder.display())), "{error}");
        }
    }
}
