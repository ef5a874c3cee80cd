//! Published programs, compiled for guests, that none of us wrote. `cargo xtask tools` brings them.

use std::path::{Path, PathBuf};

/// The list: crate, version, binary.
const LIST: &str = include_str!("../programs.txt");

/// The component of a program of the list, by its binary's name.
///
/// # Panics
/// Where it is not on the list or not on this machine: a missing program is a failure, never a skip.
pub fn program(binary: &str) -> PathBuf {
    let words = LIST.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    let row = words.into_iter().find(|words| words.len() == 3 && words[2] == binary);
    let row = row.unwrap_or_else(|| panic!("{binary} is not in tests/programs.txt"));
    let component = cache().join(format!("{}-{}/bin/{binary}.wasm", row[0], row[1]));
    assert!(component.is_file(), "there is no {}: run `cargo xtask tools`", component.display());
    component
}

/// Where `cargo xtask tools` keeps them.
fn cache() -> PathBuf {
    let caches = match std::env::var_os("XDG_CACHE_HOME") {
        Some(folder) if Path::new(&folder).is_absolute() => PathBuf::from(folder),
        _ => std::env::home_dir().expect("a home directory").join(".cache"),
    };
    caches.join("ww-tools")
}
