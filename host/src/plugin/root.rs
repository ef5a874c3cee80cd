//! The root of a native plugin.

use std::path::Path;

use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use ww_abi::RootRef;
use ww_abi::abi_stable::library::{AbiHeaderRef, ROOT_MODULE_LOADER_NAME_WITH_NUL};

/// Why a library is no plugin that can be loaded. Its text follows the name of the file.
#[derive(Debug, thiserror::Error)]
pub enum RootError {
    /// The system's loader refuses it.
    #[error("cannot be loaded: {0}")]
    Loader(String),
    /// A shared library, but no plugin.
    #[error("a shared library without the root of a plugin; was it built with `ww-plugin`, as a `cdylib`?")]
    NoRoot,
    /// Its root is not what this node expects.
    #[error("its root does not fit this node: {0}; build it again with this node's SDK")]
    Unfit(String),
    /// Its contract has another number.
    #[error("built for contract {found}, this node has contract {}; use a plugin built for it", ww_abi::CONTRACT)]
    Contract {
        /// The plugin's contract.
        found: u32,
    },
}

/// Loads the library at `path`, for the rest of the process's life, and gives its root. Each path is a library of its own.
///
/// # Errors
/// See [`RootError`].
///
/// # Safety
/// Loading runs the library's initializers: whoever calls this trusts it.
pub unsafe fn load(path: &Path) -> Result<RootRef, RootError> {
    // SAFETY: as above.
    let library = unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) };
    let library = library.map_err(|error| RootError::Loader(loader_text(&error)))?;
    // SAFETY: abi_stable defines the type of this symbol, and begins it with a magic number that `upgrade` checks.
    let header = unsafe { library.get::<AbiHeaderRef>(ROOT_MODULE_LOADER_NAME_WITH_NUL.as_bytes()) };
    let header = *header.map_err(|_| RootError::NoRoot)?;
    // Never unloaded: its code may run at any time, for instance in a thread of its own.
    std::mem::forget(library);
    let unfit = |error: ww_abi::abi_stable::library::LibraryError| RootError::Unfit(one_line(&error.to_string()));
    let root = header.upgrade().map_err(unfit)?.init_root_module::<RootRef>().map_err(unfit)?;
    match root.contract() {
        ww_abi::CONTRACT => Ok(root),
        found => Err(RootError::Contract { found }),
    }
}

/// What the loader says, without the words of the crate that asks it.
fn loader_text(error: &libloading::Error) -> String {
    let source = std::error::Error::source(error).map(ToString::to_string);
    one_line(&source.unwrap_or_else(|| error.to_string()))
}

/// An error's first lines as one line.
fn one_line(text: &str) -> String {
    const LINES: usize = 4;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.take(LINES).collect::<Vec<_>>().join("; ")
}
