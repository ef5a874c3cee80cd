//! A guest that uses none of ww's crates: a Cap'n Proto library, the schemas, and the world `cell` are all that it takes.
//!
//! The host gives it two byte streams. It speaks two-party RPC over them, as the client; the host's bootstrap is the
//! guest's Membrane.

mod bindings {
    wit_bindgen::generate!({ path: "../../wit", world: "wetware:cell/cell", generate_all });
}
#[allow(clippy::all, clippy::pedantic, dead_code, unused_qualifications, reason = "generated code")]
mod stem_capnp;
mod streams;
#[allow(clippy::all, clippy::pedantic, dead_code, unused_qualifications, reason = "generated code")]
mod system_capnp;

use capnp_rpc::RpcSystem;
use capnp_rpc::rpc_twoparty_capnp::Side;
use capnp_rpc::twoparty::VatNetwork;
use futures::FutureExt;
use stem_capnp::membrane;
use system_capnp::host;

fn main() -> Result<(), capnp::Error> {
    let (input, output) = streams::connect();
    let network = VatNetwork::new(input, output, Side::Client, Default::default());
    let mut rpc = RpcSystem::new(Box::new(network), None);
    let membrane: membrane::Client = rpc.bootstrap(Side::Server);
    streams::run(rpc.map(|_| ()), greet(membrane))
}

async fn greet(membrane: membrane::Client) -> Result<(), capnp::Error> {
    // No names: everything that is configured for this guest.
    let session = membrane.graft_request().send().promise.await?;
    for export in session.get()?.get_caps()? {
        if export.get_name()? == "host" {
            let host: host::Client = export.get_cap().get_as_capability()?;
            let answer = host.id_request().send().promise.await?;
            println!("Hello over RPC from {}!", answer.get()?.get_peer_id()?.to_str()?);
        }
    }
    Ok(())
}
