//! Guests that attack their node: what each of them comes to.
//!
//! `table` has a row for every attack. `operator` runs each of them by `ww run`, and compares what the operator reads;
//! `beside` runs several at once beside a guest that minds its own business. `files` has attacks that no program in Rust
//! can make: components that are hostile by what they are.

/// A test for each attack, by the module's own `check`.
macro_rules! tests {
    ($($(#[$doc:meta])+ $name:ident = $switch:ident,)+) => {
        $(
            #[test]
            fn $switch() {
                check(ww_tests::attacks::Attack::$name);
            }
        )+
    };
}

mod beside;
mod files;
mod operator;
mod outcome;
mod quiet;
mod table;
