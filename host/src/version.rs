//! The versions that a `ww` is made of, apart from the product's own.

use std::sync::LazyLock;

use crate::init::sdk;

/// The product's version.
pub const PRODUCT: &str = env!("CARGO_PKG_VERSION");

/// The number of the contract between a node and what runs on it: guests and plugins. It grows by one with each change
/// that breaks what was built before, and only then. An unpacked SDK of another contract is refused by `ww build`.
pub const CONTRACT: u32 = ww_abi::CONTRACT;

/// The WIT package that guests are built for, as its `package` line names it.
pub static WIT: LazyLock<String> = LazyLock::new(|| wit_package(sdk::file("wit/wetware.wit")));

/// The first eight bytes, in hex, of the BLAKE3 hash of all Cap'n Proto schemas: equal where the interfaces, with their
/// documentation, are the same.
pub static SCHEMAS: LazyLock<String> =
    LazyLock::new(|| sdk::digest(|path| path.starts_with("capnp/") && path.ends_with(".capnp")));

/// What `ww --version` prints after the program's name.
pub static LONG: LazyLock<String> =
    LazyLock::new(|| format!("{PRODUCT}\ncontract {CONTRACT}\nwit {}\nschemas {}", *WIT, *SCHEMAS));

/// `wetware:cell@0.1.0` from the line `package wetware:cell@0.1.0;`.
fn wit_package(text: &str) -> String {
    let line = text.lines().find_map(|line| line.trim().strip_prefix("package "));
    line.map_or("unknown", |line| line.trim_end_matches(';').trim()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wit_package_is_found() {
        assert!(WIT.starts_with("wetware:cell@"), "{}", *WIT);
        assert!(!WIT.contains(';'));
        assert_eq!(wit_package("/// Words.\npackage a:b@1.2.3;\ninterface c {}"), "a:b@1.2.3");
    }

    #[test]
    fn the_schemas_have_a_digest() {
        assert_eq!(SCHEMAS.len(), 16);
        assert!(LONG.contains("contract 1\n"));
    }
}
