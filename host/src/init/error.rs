//! Why `ww init` and `ww plugin new` fail.

use std::io;
use std::path::PathBuf;

/// Why a project was not created, or its SDK not renewed. Whatever it is, the disk is as it was before.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The directory's path has no last name to call the package by.
    #[error("no package can be named after the directory {}; name a subdirectory: `ww init NAME`", .0.display())]
    NoName(PathBuf),

    /// The last name of the path is no name of a plugin.
    #[error("'{name}' cannot be the name of a plugin: 1 to {longest} of a-z, 0-9, - and _, starting with a letter")]
    NoPluginName {
        /// The name.
        name: String,
        /// How long one may be.
        longest: usize,
    },

    /// The name of a plugin has another meaning already.
    #[error(
        "'{0}' cannot be the name of a plugin: it has another meaning, to Rust, to ww or in the project; choose \
        another one"
    )]
    TakenPluginName(String),

    /// There is no crate of an interface.
    #[error("no package in {}; --plugin-api is the directory of the crate of an interface, such as ../tally/tally-api",
        .0.display())]
    NoApi(PathBuf),

    /// A crate without an interface.
    #[error("no interface in {}: no *_capnp.rs in its src has a method; `ww plugin codegen` makes them of schemas",
        .0.display())]
    NoInterface(PathBuf),

    /// Where a directory really is cannot be said.
    #[error("find {}", path.display())]
    Place {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },

    /// Something else than a directory is in its place.
    #[error("{} exists and is no directory; choose another name", .0.display())]
    NoDirectory(PathBuf),

    /// Files of the project exist already.
    #[error("in the way in {}: {}; nothing is overwritten: move them away, or name another directory",
        directory.display(), list(files))]
    InTheWay {
        /// The directory of the project.
        directory: PathBuf,
        /// What is in the way, relative to it.
        files: Vec<String>,
    },

    /// A file or a directory could not be written.
    #[error("write {}", path.display())]
    Write {
        /// The path that could not be written.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },

    /// There is no project whose SDK could be renewed.
    #[error("no Cargo.toml in {}; create a project with `ww init`", .0.display())]
    NoProject(PathBuf),

    /// This binary was built with manifests that cannot be read.
    #[error("the SDK inside this ww is damaged: {0}; install ww again")]
    Damaged(String),
}

/// The first few names, and how many more there are.
fn list(files: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = files.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match files.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
