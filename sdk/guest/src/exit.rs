//! Exit statuses, as they are.
//!
//! WASI 0.2's first `exit` knows success and failure only, and the standard library ends every program through it: what
//! is not 0 becomes 1. A program that uses this crate ends through `exit-with-code` instead, whichever way it ends.

use std::process::{ExitCode, Termination};

/// Ends the program with the status that `outcome` stands for.
///
/// Returns where that is 0 or 1: those the standard library reports by itself, after it has cleaned up.
pub(crate) fn report(outcome: impl Termination) -> ExitCode {
    let code = outcome.report();
    // An `ExitCode` does not tell its number, but it can be compared.
    if let Some(status) = (2..=u8::MAX).find(|status| ExitCode::from(*status) == code) {
        // This flushes the standard streams, as returning from `main` does.
        std::process::exit(status.into());
    }
    code
}

/// Ends the program at once, in the place of the C library's function of this name, which `exit` and with it
/// [`std::process::exit`] come to last. Of the status, the lowest eight bits count, as for any program.
#[cfg(target_family = "wasm")]
// SAFETY: it has the signature and the meaning of the function that it replaces.
#[unsafe(no_mangle)]
extern "C" fn _Exit(status: i32) -> ! {
    crate::imports::exit_with_code((status & 0xff) as u8);
    // The host does not return from it.
    std::process::abort()
}

/// The same under its other name. The C library defines both in one object, so both have to be replaced.
#[cfg(target_family = "wasm")]
// SAFETY: as above.
#[unsafe(no_mangle)]
extern "C" fn _exit(status: i32) -> ! {
    _Exit(status)
}
