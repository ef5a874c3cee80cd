//! The host calls a guest.

use std::rc::Rc;
use std::time::Duration;

use capnp::Error;
use capnp::capability::FromClientHook;
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use tokio::task::JoinHandle;
use ww_call::broken_client;
use ww_cell::pipe::PipeReader;
use ww_cell::{Closer, Exit};
use ww_conformance::conformance_capnp::peer;
use ww_conformance::{Connection, Outcome, Side, Traits, Transport};

use super::membrane::{Guards, Peers, membrane};
use super::program::Guest;
use crate::runner;

/// A guest as the far side.
pub(super) struct ToGuest {
    pub(super) guest: &'static Guest,
    pub(super) guards: Guards,
}

/// What the guest behind `bootstrap` serves. The bootstrap itself is a promise until then, and over RPC for good; the cases
/// are about what comes then. So the guest is sent its own root, which is that root at home.
async fn served(bootstrap: peer::Client) -> Outcome<peer::Client> {
    // Sent before it is connected, it would be a promise of the host's.
    bootstrap.census_request().send().promise.await?;
    let mut request = bootstrap.give_back_request();
    request.get().set_counter(bootstrap.clone().cast_to());
    Ok(request.send().promise.await?.get()?.get_counter()?.cast_to())
}

/// What a guest serves.
struct Served(peer::Client);

impl Peers for Served {
    fn peer(&self) -> peer::Client {
        self.0.clone()
    }
}

impl ToGuest {
    /// What the guest serves, as somebody else is handed it.
    async fn granted(&self, served: peer::Client) -> Outcome<peer::Client> {
        match self.guards {
            Guards::Off => Ok(served),
            Guards::On => {
                let session = membrane(Served(served), self.guards).graft_request().send().promise.await?;
                Ok(session.get()?.get_caps()?.get(0).get_cap().get_as_capability()?)
            }
        }
    }
}

impl Transport for ToGuest {
    fn traits(&self) -> Traits {
        match self.guards {
            Guards::Off => self.guest.traits,
            // What the host calls is a client of ours.
            Guards::On => Traits { nothing_can_be_pipelined_on: true, ..self.guest.traits },
        }
    }

    fn connect(&self) -> LocalBoxFuture<'_, Outcome<Rc<dyn Connection>>> {
        async {
            let nothing = broken_client(Error::unimplemented("nothing is granted here".into()));
            let (cell, output) = self.guest.cell(&["serve"], nothing).await;
            let (bootstrap, closer) = (FromClientHook::new(cell.bootstrap()), cell.closer());
            let task = tokio::task::spawn_local(cell.run());
            let peer = self.granted(served(bootstrap).await?).await?;
            Ok(Rc::new(Running { peer, closer, task, _output: output }) as Rc<dyn Connection>)
        }
        .boxed_local()
    }

    fn sleep(&self, time: Duration) -> LocalBoxFuture<'static, ()> {
        runner::sleep(time)
    }
}

struct Running {
    peer: peer::Client,
    closer: Closer,
    task: JoinHandle<Exit>,
    _output: PipeReader,
}

impl Connection for Running {
    fn peer(&self) -> peer::Client {
        self.peer.clone()
    }

    fn close(&self, side: Side) {
        match side {
            Side::Near => self.closer.close(Error::disconnected("the host has gone away".into())),
            Side::Far => self.task.abort(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Runs a case against the guest.
pub(super) fn check(guest: &'static Guest, guards: Guards, case: &str) {
    runner::check(&ToGuest { guest, guards }, case);
}

/// What becomes of calls into a guest that never runs.
pub(super) fn calls_into_a_cell_that_never_runs_end(guest: &Guest) {
    let error = runner::on_a_worker(async {
        let nothing = broken_client(Error::unimplemented("nothing is granted here".into()));
        let (cell, _output) = guest.cell(&["serve"], nothing).await;
        let peer: peer::Client = FromClientHook::new(cell.bootstrap());
        let (call, _closer) = (peer.census_request().send().promise, cell.closer());
        drop(cell);
        call.await.err()
    });
    let error = error.expect("nobody is there");
    assert!(error.extra.contains("ended without serving"), "{error}");
}
