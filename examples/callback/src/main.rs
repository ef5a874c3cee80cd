//! A guest that is called back. It makes an object of its own, hands it to the node, and the node calls it whenever a
//! peer comes or goes.
//!
//! Run it in two terminals, `ww run --port 0 --ephemeral` in each, and paste an address that one prints into the other.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::process::ExitCode;
use std::rc::Rc;

use ww_guest::system_capnp::{host, peer_watcher};
use ww_guest::{Result, capnp};

fn main() -> ExitCode {
    ww_guest::run(watch())
}

/// The object that is called. Others reach it as a capability only: they can call its methods, and see nothing else.
#[derive(Default)]
struct Watcher {
    here: RefCell<BTreeSet<String>>,
}

/// One function a method of the schema. The node waits for the answer to each call before it makes the next one.
impl peer_watcher::Server for Watcher {
    async fn connected(
        self: Rc<Self>,
        params: peer_watcher::ConnectedParams,
        _: peer_watcher::ConnectedResults,
    ) -> capnp::Result<()> {
        let id = params.get()?.get_peer()?.get_peer_id()?.to_string()?;
        println!("{id} is here");
        self.here.borrow_mut().insert(id);
        Ok(())
    }

    async fn disconnected(
        self: Rc<Self>,
        params: peer_watcher::DisconnectedParams,
        _: peer_watcher::DisconnectedResults,
    ) -> capnp::Result<()> {
        let id = params.get()?.get_peer_id()?.to_str()?;
        println!("{id} is gone");
        self.here.borrow_mut().remove(id);
        Ok(())
    }
}

async fn watch() -> Result<()> {
    let host: host::Client = ww_guest::graft().await?.get("host")?;
    introduce(&host).await?;

    let watcher = Rc::new(Watcher::default());
    let mut request = host.watch_peers_request();
    // A capability goes along in a call like any other value. This guest keeps its own hold on the object.
    request.get().set_watcher(ww_guest::new_client_from_rc(watcher.clone()));
    let watching = request.send().promise;
    // The call lasts as long as the watch. Dropping it would end both; this task does so at the end of the program.
    ww_guest::spawn(async move {
        if let Err(error) = watching.await {
            eprintln!("the watch has ended: {error}");
        }
    });

    // The guest goes on with its own work, and is called meanwhile, whenever it waits for something.
    let mut stdin = ww_guest::stdin();
    while let Some(addr) = stdin.read_line().await? {
        if let Err(error) = connect(&host, &addr).await {
            println!("no connection: {error}");
        }
    }
    println!("{} connected at the end", watcher.here.borrow().len());
    Ok(())
}

/// Prints where this node can be reached.
async fn introduce(host: &host::Client) -> Result<()> {
    let id = host.id_request().send().promise.await?;
    let addrs = host.addrs_request().send().promise.await?;
    for addr in addrs.get()?.get_addrs()? {
        println!("{}/p2p/{}", addr?.to_str()?, id.get()?.get_peer_id()?.to_str()?);
    }
    Ok(())
}

async fn connect(host: &host::Client, addr: &str) -> Result<()> {
    let mut request = host.connect_request();
    request.get().set_addr(addr);
    request.send().promise.await?;
    Ok(())
}
