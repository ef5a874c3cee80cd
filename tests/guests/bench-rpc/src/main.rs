//! The guest that measures over `wetware:cell/connection`, and is measured: it serves a `Probe` by the Cap'n Proto library
//! alone, as a guest of another language does by its own.

#[path = "../../../bench/src/bench_capnp.rs"]
mod bench_capnp;
#[path = "../../../bench/src/caller.rs"]
mod caller;
#[path = "../../bench/src/probe.rs"]
mod probe;
#[path = "../../../../examples/rpc/src/streams.rs"]
mod streams;

use std::process::ExitCode;

use capnp::Error;
use capnp_rpc::rpc_twoparty_capnp::Side;
use capnp_rpc::twoparty::VatNetwork;
use capnp_rpc::{RpcSystem, new_client, new_future_client};
use futures::FutureExt;
use futures::channel::oneshot;
use ww_capnp::stem_capnp::membrane;

use crate::probe::{Echo, Graft, NAME, Probe};

mod bindings {
    #![allow(missing_docs, reason = "generated code")]
    #![allow(clippy::all, clippy::allow_attributes_without_reason, reason = "generated code")]

    wit_bindgen::generate!({ path: "../../../wit", world: "wetware:cell/cell", generate_all });
}

/// Serves a probe until the harness ends the connection.
fn main() -> ExitCode {
    let (input, output) = streams::connect();
    let network = VatNetwork::new(input, output, Side::Client, Default::default());
    // What is served is made with what is grafted, over the connection that it is served on.
    let (ready, served) = oneshot::channel();
    let served = served.map(|made| made.unwrap_or_else(|_| Err(Error::failed("the guest cannot graft".into()))));
    let served: bench_capnp::probe::Client = new_future_client(served);
    let mut rpc = RpcSystem::new(Box::new(network), Some(served.client));
    let graft = graft(rpc.bootstrap(Side::Server));
    let start = async {
        let probe = Probe::new(new_client(Echo), graft).await;
        drop(ready.send(probe.map(new_client)));
    };
    match streams::run(start, rpc) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn graft(membrane: membrane::Client) -> Graft {
    Box::new(move || {
        let mut request = membrane.graft_request();
        request.get().init_names(1).set(0, NAME);
        let answer = request.send().promise;
        async move {
            let session = answer.await?;
            let caps = session.get()?.get_caps()?;
            let export = caps.iter().next().ok_or_else(|| Error::failed("the session has nothing".into()))?;
            export.get_cap().get_as_capability()
        }
        .boxed_local()
    })
}
