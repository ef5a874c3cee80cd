//! Prints completion scripts.

use std::io;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::Cli;
use crate::report;

/// Prints the script to stdout.
pub(super) fn print(shell: Shell) -> io::Result<()> {
    // By way of a buffer, since the generator panics where its writer fails.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "ww", &mut script);
    report::write(&script)
}
