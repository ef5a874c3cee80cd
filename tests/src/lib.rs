//! End-to-end tests that drive the real binary, and what they share.
//!
//! The tests are in `tests/`; this library holds their helpers: [`binary`] builds what a test runs, [`process`] runs it
//! in a place of its own, [`repository`] reads the repository itself, [`scale`] says how much a heavy test does.

pub mod binary;
pub mod process;
pub mod repository;
pub mod scale;
