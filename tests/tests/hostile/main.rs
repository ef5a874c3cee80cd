//! Guests that attack their node: what each of them comes to.
//!
//! `table` has a row for every attack. `operator` runs each of them by `ww run`, and compares what the operator reads;
//! `beside` runs several at once beside a guest that minds its own business.

mod beside;
mod operator;
mod outcome;
mod quiet;
mod table;
