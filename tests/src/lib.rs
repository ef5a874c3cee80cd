//! End-to-end tests that drive the real binary, and what they share.
//!
//! The tests are in `tests/`; this library holds their helpers: [`binary`] builds what a test runs, [`guest`] makes it a
//! program for cells of the test's own, [`program`] finds what others have published, [`process`] runs it in a place of
//! its own, [`machine`] on one that has nothing but an installed `ww`, [`node`] runs it on a node, [`neighbour`] measures a guest beside others, [`attacks`] lists what the hostile
//! guest does, [`image`] compares images, [`kinds`] runs tests for both kinds of a plugin, [`library`] makes the files of plugins, [`repository`] reads the repository
//! itself, [`usage`] says what this process has of the machine, [`scale`] how much a heavy test does, and [`say`] what
//! came of it.

#[path = "../guests/hostile/src/attacks.rs"]
pub mod attacks;
pub mod binary;
pub mod guest;
pub mod image;
pub mod kinds;
pub mod library;
pub mod machine;
pub mod neighbour;
pub mod node;
pub mod process;
pub mod program;
pub mod repository;
pub mod say;
pub mod scale;
pub mod usage;
