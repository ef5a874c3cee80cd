//! The conformance suite inside a guest: `conformance serve` is the far side of it, and `conformance CASE…` runs cases
//! against the host, which serves the far side under the name `peer`.
//!
//! A line for each case says what came of it; the status is 0 where all of them hold.

mod host;

use std::process::ExitCode;
use std::rc::Rc;

use ww_conformance::{InPlace, Site};

use crate::host::Host;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [only] if only == "serve" => ww_guest::run(serve()),
        _ => ww_guest::run(async move { ww_conformance::report(&Host, &arguments).await }),
    }
}

/// Serves the far side, until the host ends the connection or a case ends this guest.
async fn serve() -> ww_guest::Result<()> {
    let site = Site::new(Rc::new(InPlace), || std::process::exit(0));
    ww_guest::serve(site.peer()).await
}
