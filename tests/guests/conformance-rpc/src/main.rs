//! The conformance suite inside a guest that speaks RPC over `wetware:cell/connection`, by the Cap'n Proto library alone:
//! `conformance-rpc serve` is the far side of it, and `conformance-rpc CASE…` runs cases against the host, which serves
//! the far side under the name `peer`.
//!
//! A line for each case says what came of it; the status is 0 where all of them hold.

mod host;
mod library;
#[path = "../../../../examples/rpc/src/streams.rs"]
mod streams;

use std::future::pending;
use std::process::ExitCode;
use std::rc::Rc;

use capnp_rpc::RpcSystem;
use capnp_rpc::rpc_twoparty_capnp::Side;
use capnp_rpc::twoparty::VatNetwork;
use futures::FutureExt;
use ww_conformance::Site;

use crate::host::Host;
use crate::library::Library;

mod bindings {
    #![allow(missing_docs, reason = "generated code")]
    #![allow(clippy::all, clippy::allow_attributes_without_reason, reason = "generated code")]

    wit_bindgen::generate!({ path: "../../../wit", world: "wetware:cell/cell", generate_all });
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [only] if only == "serve" => serve(),
        _ => run(arguments),
    }
}

/// A connection to the host, to which this guest serves `bootstrap`.
fn system(bootstrap: Option<capnp::capability::Client>) -> RpcSystem<Side> {
    let (input, output) = streams::connect();
    let network = VatNetwork::new(input, output, Side::Client, Default::default());
    RpcSystem::new(Box::new(network), bootstrap)
}

/// Serves the far side, until the host ends the connection or a case ends this guest.
fn serve() -> ExitCode {
    let site = Site::new(Rc::new(Library), || std::process::exit(0));
    match streams::run(pending(), system(Some(site.peer().client))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs cases, each against a far side of its own.
fn run(cases: Vec<String>) -> ExitCode {
    let mut rpc = system(None);
    let host = Host(rpc.bootstrap(Side::Server));
    streams::run(rpc.map(|_| ()), async move { ww_conformance::report(&host, &cases).await })
}
