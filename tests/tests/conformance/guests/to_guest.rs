//! The host calls a guest.

use std::rc::Rc;
use std::time::Duration;

use capnp::Error;
use capnp::capability::{FromClientHook, get_resolved_cap};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use tokio::task::JoinHandle;
use ww_call::broken_client;
use ww_cell::pipe::PipeReader;
use ww_cell::{Closer, Exit};
use ww_conformance::conformance_capnp::peer;
use ww_conformance::{Connection, Outcome, Side, Traits, Transport};

use super::program::cell;
use crate::runner;

struct ToGuest;

impl Transport for ToGuest {
    fn traits(&self) -> Traits {
        Traits { panics_are_caught: false }
    }

    fn connect(&self) -> LocalBoxFuture<'_, Outcome<Rc<dyn Connection>>> {
        async {
            let nothing = broken_client(Error::unimplemented("nothing is granted here".into()));
            let (cell, output) = cell(&["serve"], nothing).await;
            let (bootstrap, closer) = (FromClientHook::new(cell.bootstrap()), cell.closer());
            let task = tokio::task::spawn_local(cell.run());
            // Until the guest serves something, its bootstrap is a promise, and the cases are about what comes then.
            let peer = get_resolved_cap(bootstrap).await;
            Ok(Rc::new(Guest { peer, closer, task, _output: output }) as Rc<dyn Connection>)
        }
        .boxed_local()
    }

    fn sleep(&self, time: Duration) -> LocalBoxFuture<'static, ()> {
        runner::sleep(time)
    }
}

struct Guest {
    peer: peer::Client,
    closer: Closer,
    task: JoinHandle<Exit>,
    _output: PipeReader,
}

impl Connection for Guest {
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

impl Drop for Guest {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[test]
fn calls_into_a_cell_that_never_runs_end() {
    let error = runner::on_a_worker(async {
        let nothing = broken_client(Error::unimplemented("nothing is granted here".into()));
        let (cell, _output) = cell(&["serve"], nothing).await;
        let peer: peer::Client = FromClientHook::new(cell.bootstrap());
        let (call, _closer) = (peer.census_request().send().promise, cell.closer());
        drop(cell);
        call.await.err()
    });
    let error = error.expect("nobody is there");
    assert!(error.extra.contains("ended without serving"), "{error}");
}

fn check(case: &str) {
    runner::check(&ToGuest, case);
}

ww_conformance::cases!(tests);
ww_conformance::stream_cases!(tests);
ww_conformance::border_cases!(tests);
ww_conformance::near_cases!(tests);
