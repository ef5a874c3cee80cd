//! What can be done with a `kv` that allows to read and to watch, and not to write: a line a try.

use std::rc::Rc;

use capnp::Error;
use capnp::capability::FromClientHook;
use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use kv_api::{kv, watch, watcher};
use ww_guest::{Result, restrict};

use crate::put;
use crate::thief::Thief;

/// Methods of `Kv`.
const GET: u16 = 0;
const PUT: u16 = 1;
const WATCH: u16 = 4;

/// What is lent.
const LENT: [u16; 2] = [GET, WATCH];

/// Every try, with `kv` and another instance of the same plugin.
pub(crate) async fn run() -> Result<()> {
    let session = ww_guest::graft_only(&["kv", "other"]).await?;
    let (kv, other): (kv::Client, kv::Client) = (session.get("kv")?, session.get("other")?);
    put(&kv, "kept").await?;
    as_a_watcher(&kv, &other).await?;
    what_a_watch_is(&kv).await?;
    lent_on(&kv).await?;
    used_up(&kv).await?;
    revoked(&kv).await
}

/// It goes home to its provider as the callback, and to another one, and both call it. The whole `kv` goes home, too.
async fn as_a_watcher(kv: &kv::Client, other: &kv::Client) -> Result<()> {
    let lent = restrict(kv, &LENT).await?.cap;
    let mut watches = Vec::new();
    for (watched, watcher) in [(&lent, &lent), (other, &lent), (kv, kv)] {
        watches.push(watch(watched, as_other(watcher)).await?);
    }
    put(kv, "changed").await?;
    put(other, "changed").await?;
    println!("as a watcher: get {}, put {}", get(&lent).await, stolen(&lent).await);
    drop(watches);
    Ok(())
}

/// What `watch` returns, before and after it is there, is nothing to write with.
async fn what_a_watch_is(kv: &kv::Client) -> Result<()> {
    let lent = restrict(kv, &LENT).await?.cap;
    let mut request = lent.watch_request();
    request.get().set_watcher(as_other(&lent));
    let answer = request.send();
    let early: kv::Client = as_other(&answer.pipeline.get_watch());
    println!("a watch to come: put {}", stolen(&early).await);
    let watch: kv::Client = as_other(&answer.promise.await?.get()?.get_watch()?);
    println!("a watch: put {}", stolen(&watch).await);
    Ok(())
}

/// It comes back from the Membrane, and from an object of this guest's own that is called through the node.
async fn lent_on(kv: &kv::Client) -> Result<()> {
    let lent = restrict(kv, &LENT).await?.cap;
    let again = restrict(&lent, &[PUT]).await?.cap;
    println!("for more: put {}", stolen(&again).await);
    let thief = Rc::<Thief>::default();
    let behind_the_node = restrict(&ww_guest::new_client_from_rc::<kv::Client, _>(thief.clone()), &[WATCH]).await?.cap;
    let given_back = watch(&behind_the_node, as_other(&lent)).await?;
    println!("through another: put {}", stolen(&as_other(&thief.taken()?)).await);
    println!("and back: put {}", stolen(&as_other(&given_back)).await);
    Ok(())
}

/// It spends its only call on handing itself out.
async fn used_up(kv: &kv::Client) -> Result<()> {
    let lent = restrict(kv, &LENT).calls(1).await?.cap;
    let watch = watch(&lent, as_other(&lent)).await?;
    println!("used up: get {}, put {}", get(&lent).await, stolen(&lent).await);
    drop(watch);
    Ok(())
}

/// What was begun through it ends with it.
async fn revoked(kv: &kv::Client) -> Result<()> {
    let lent = restrict(kv, &LENT).await?;
    let ((lent_watcher, mut lent_told), (own_watcher, mut told)) = (watcher(), watcher());
    let _watches = (watch(&lent.cap, lent_watcher).await?, watch(kv, own_watcher).await?);
    lent.revoke().await?;
    put(kv, "changed again").await?;
    println!("revoked: told {:?}, the owner is told {:?}", lent_told.next().await, told.next().await);
    println!("revoked: get {}, put {}", get(&lent.cap).await, stolen(&lent.cap).await);
    Ok(())
}

/// Passes on the keys that it is told of.
struct Watcher(UnboundedSender<String>);

fn watcher() -> (watcher::Client, UnboundedReceiver<String>) {
    let (sender, receiver) = unbounded();
    (ww_guest::new_client(Watcher(sender)), receiver)
}

impl watcher::Server for Watcher {
    async fn changed(self: Rc<Self>, params: watcher::ChangedParams, _: watcher::ChangedResults) -> capnp::Result<()> {
        for key in params.get()?.get_keys()? {
            // Whoever listens no more is told no more.
            let _ = self.0.unbounded_send(key?.to_string()?);
        }
        Ok(())
    }
}

/// The same capability, as if it were of another interface.
fn as_other<C: FromClientHook>(cap: &impl FromClientHook) -> C {
    C::new(cap.as_client_hook().add_ref())
}

async fn watch(kv: &kv::Client, watcher: watcher::Client) -> capnp::Result<watch::Client> {
    let mut request = kv.watch_request();
    request.get().set_watcher(watcher);
    request.send().promise.await?.get()?.get_watch()
}

async fn get(kv: &kv::Client) -> String {
    let mut request = kv.get_request();
    request.get().set_key("name");
    said(request.send().promise.await.map(drop))
}

/// Whether something can be written that must not be.
async fn stolen(kv: &kv::Client) -> String {
    said(put(kv, "stolen").await)
}

fn said(outcome: Result<(), Error>) -> String {
    outcome.map_or_else(|error| format!("{:?} ({})", error.kind, error.extra), |()| "ok".to_owned())
}
