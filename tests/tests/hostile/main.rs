//! Guests that attack their node: what each of them comes to.
//!
//! `table` has a row for every attack. `operator` runs each of them by `ww run`, and compares what the operator reads.

mod operator;
mod outcome;
mod table;
