//! Weaker forms of capabilities, and what can be done with them: a line a step.

use std::rc::Rc;
use std::time::Duration;

use ww_guest::capnp;
use ww_guest::stem_capnp::membrane;
use ww_guest::system_capnp::{executor, host};
use ww_guest::{Restricted, Result, restrict};

/// Methods of `Host`.
const ID: u16 = 0;
const ADDRS: u16 = 1;
const PEERS: u16 = 2;

/// Methods of `Executor`.
const RUN_BYTES: u16 = 0;
const ECHO: u16 = 1;

/// Every step.
pub async fn run() -> Result<()> {
    let host = ww_guest::graft().await?.get("host")?;
    methods(&host).await?;
    budgets(&host).await?;
    twice(&host).await?;
    own().await?;
    in_flight().await?;
    reached().await?;
    bounds(&host).await
}

async fn methods(host: &host::Client) -> Result<()> {
    let lent = restrict(host, &[PEERS, ID]).await?;
    println!("methods: id {}, peers {}, addrs {}", id(&lent.cap).await, peers(&lent.cap).await, addrs(&lent.cap).await);
    let Restricted { cap, revoker } = lent;
    drop(revoker);
    println!("the revoker is dropped: id {}", id(&cap).await);
    Ok(())
}

async fn budgets(host: &host::Client) -> Result<()> {
    let lent = restrict(host, &[ID, PEERS]).calls(2).await?;
    println!("two calls: id {}, addrs {}", id(&lent.cap).await, addrs(&lent.cap).await);
    println!("two calls: peers {}, id {}", peers(&lent.cap.clone()).await, id(&lent.cap).await);
    println!("no calls: id {}", id(&restrict(host, &[ID]).calls(0).await?.cap).await);
    Ok(())
}

async fn twice(host: &host::Client) -> Result<()> {
    let first = restrict(host, &[ID, PEERS]).await?;
    let second = restrict(&first.cap, &[ADDRS, PEERS]).await?;
    let cap = &second.cap;
    println!("twice: id {}, addrs {}, peers {}", id(cap).await, addrs(cap).await, peers(cap).await);
    first.revoke().await?;
    first.revoke().await?;
    println!("the first one is revoked: peers {}; the host itself: id {}", peers(cap).await, id(host).await);
    Ok(())
}

/// Answers with what it is told; to `wait`, never.
struct Echo;

impl executor::Server for Echo {
    async fn echo(
        self: Rc<Self>,
        params: executor::EchoParams,
        mut results: executor::EchoResults,
    ) -> capnp::Result<()> {
        let message = params.get()?.get_message()?.to_str()?;
        if message == "wait" {
            std::future::pending().await
        }
        results.get().set_response(message);
        Ok(())
    }
}

async fn own() -> Result<()> {
    let own: executor::Client = ww_guest::new_client(Echo);
    let lent = restrict(&own, &[ECHO]).await?;
    println!("own: echo {}, runBytes {}", echo(&lent.cap, "hello").await, run_bytes(&lent.cap).await);
    lent.revoke().await?;
    println!("own, revoked: echo {}; itself: echo {}", echo(&lent.cap, "hello").await, echo(&own, "hello").await);
    println!("own: runBytes {}", run_bytes(&restrict(&own, &[RUN_BYTES]).await?.cap).await);
    Ok(())
}

async fn in_flight() -> Result<()> {
    let own: executor::Client = ww_guest::new_client(Echo);
    let lent = restrict(&own, &[ECHO]).await?;
    let mut request = lent.cap.echo_request();
    request.get().set_message("wait");
    let mut waiting = request.send().promise;
    let early = ww_guest::timeout(Duration::from_millis(50), &mut waiting).await;
    lent.revoke().await?;
    let late = ww_guest::timeout(Duration::from_secs(10), waiting).await?;
    println!("in flight: answered {}, revoked {}", early.is_ok(), said(late.map(|_| ())));
    Ok(())
}

/// What comes out of a restricted capability is not restricted, but it ends with it.
async fn reached() -> Result<()> {
    let lent = restrict(&ww_guest::membrane(), &[0]).await?;
    let host = graft(&lent.cap).await?;
    println!("reached: addrs {}", addrs(&host).await);
    lent.revoke().await?;
    println!("reached, revoked: addrs {}", addrs(&host).await);
    Ok(())
}

async fn graft(membrane: &membrane::Client) -> Result<host::Client> {
    let session = membrane.graft_request().send().promise.await?;
    Ok(session.get()?.get_caps()?.get(0).get_cap().get_as_capability()?)
}

async fn bounds(host: &host::Client) -> Result<()> {
    let many = restrict(host, &[ID; 1025]).await;
    println!("methods: {}", many.err().map_or_else(|| "ok".to_owned(), |error| error.to_string()));
    let mut last = host.clone();
    for round in 1.. {
        match restrict(&last, &[ID]).await {
            Ok(lent) => last = lent.cap,
            Err(error) => {
                println!("round {round}: {error}");
                break;
            }
        }
    }
    println!("the last one: id {}", id(&last).await);
    Ok(())
}

async fn id(host: &host::Client) -> String {
    said(host.id_request().send().promise.await.map(|_| ()))
}

async fn addrs(host: &host::Client) -> String {
    said(host.addrs_request().send().promise.await.map(|_| ()))
}

async fn peers(host: &host::Client) -> String {
    said(host.peers_request().send().promise.await.map(|_| ()))
}

async fn echo(executor: &executor::Client, message: &str) -> String {
    let mut request = executor.echo_request();
    request.get().set_message(message);
    said(request.send().promise.await.map(|_| ()))
}

async fn run_bytes(executor: &executor::Client) -> String {
    said(executor.run_bytes_request().send().promise.await.map(|_| ()))
}

fn said(outcome: capnp::Result<()>) -> String {
    match outcome {
        Ok(()) => "ok".to_owned(),
        Err(error) => format!("{:?} ({})", error.kind, error.extra),
    }
}
