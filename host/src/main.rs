//! The `ww` binary: parses the command line, runs the verb, and turns the outcome into an exit status.

use std::process::ExitCode;

use clap::Parser;
use ww::cli::Cli;
use ww::{logging, report};

fn main() -> ExitCode {
    // A command line that cannot be parsed ends here, with status 2.
    let cli = Cli::parse();
    logging::init();
    match cli.dispatch() {
        Ok(status) => status,
        Err(error) => {
            report::error(&error);
            if let Some(details) = error.details() {
                report::say(details);
            }
            ExitCode::from(error.status())
        }
    }
}
