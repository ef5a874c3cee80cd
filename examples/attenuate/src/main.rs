//! A guest that lends what it was granted, but not all of it. A visitor gets the node's capability from it in a weaker
//! form: it can look, and not connect to anybody; it can look a few times; and at last it cannot look any more.
//!
//! The visitor is an object of the same guest here, so that there is one program to read. It could be anywhere: it gets
//! the capability as a parameter of a call, and on every call that it makes, the node checks what is allowed.

mod visitor;
#[allow(clippy::all, clippy::pedantic, dead_code, unused_qualifications, reason = "generated code")]
mod visitor_capnp;

use std::process::ExitCode;

use visitor::Visitor;
use ww_guest::Result;
use ww_guest::system_capnp::host;

/// Two of the methods of `Host`, by their numbers in its schema: `id @0` and `peers @2`.
const LOOK: [u16; 2] = [0, 2];

fn main() -> ExitCode {
    ww_guest::run(lend())
}

async fn lend() -> Result<()> {
    let host: host::Client = ww_guest::graft().await?.get("host")?;
    let visitor = ww_guest::new_client(Visitor::default());

    let lent = ww_guest::restrict(&host, &LOOK).calls(3).await?;
    give(&visitor, &lent.cap).await?;
    explore(&visitor, "lent, for three calls").await?;
    explore(&visitor, "once more").await?;

    // Now for any number of calls, until this guest has had enough of it.
    let lent = ww_guest::restrict(&host, &LOOK).await?;
    give(&visitor, &lent.cap).await?;
    explore(&visitor, "lent").await?;
    lent.revoke().await?;
    explore(&visitor, "revoked").await?;

    // What this guest has itself is as it was.
    host.addrs_request().send().promise.await?;
    println!("the guest's own:\n  addrs: works");
    Ok(())
}

/// A capability goes along in a call like any other value.
async fn give(visitor: &visitor_capnp::visitor::Client, host: &host::Client) -> Result<()> {
    let mut request = visitor.receive_request();
    request.get().set_host(host.clone());
    request.send().promise.await?;
    Ok(())
}

/// Lets the visitor try all that it can, and prints what came of it.
async fn explore(visitor: &visitor_capnp::visitor::Client, when: &str) -> Result<()> {
    println!("{when}:");
    let answer = visitor.explore_request().send().promise.await?;
    for finding in answer.get()?.get_findings()? {
        println!("  {}", finding?.to_str()?);
    }
    Ok(())
}
