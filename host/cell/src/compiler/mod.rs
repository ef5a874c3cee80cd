//! Compiling, in a process of its own.
//!
//! What a compiler holds can be thousands of times as long as a hostile component is, it may go on for hours, and within
//! this process nothing can end it. A process can be ended, and has bounds of its own.

mod process;
mod refused;
mod serve;

pub use process::Compiler;
pub use serve::serve;

pub(crate) use process::Process;
pub(crate) use refused::refused;
