//! The smallest carrier there is: two tables of objects back to back, and between them events as words, in both
//! directions. It exercises what all carriers share, without wasm and without native libraries.
//!
//! It has no way to call what a call will return before the answer is there: the caller holds such calls back.

mod end;

use std::rc::Rc;
use std::time::Duration;

use capnp::capability::FromClientHook;
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use tokio::task::JoinHandle;
use ww_conformance::conformance_capnp::peer;
use ww_conformance::{Connection, InPlace, Outcome, Side, Site, Traits, Transport};

use self::end::End;
use crate::runner;

struct Loopback;

impl Transport for Loopback {
    fn traits(&self) -> Traits {
        Traits::OURS
    }

    fn connect(&self) -> LocalBoxFuture<'_, Outcome<Rc<dyn Connection>>> {
        async { Ok(Border::new() as Rc<dyn Connection>) }.boxed_local()
    }

    fn sleep(&self, time: Duration) -> LocalBoxFuture<'static, ()> {
        runner::sleep(time)
    }
}

/// Two sides, each driven by a task of its own.
struct Border {
    near: Rc<End>,
    far: Rc<End>,
    tasks: [JoinHandle<()>; 2],
}

impl Border {
    fn new() -> Rc<Self> {
        let (near, far) = End::pair();
        let closing = Rc::downgrade(&far);
        let site = Site::new(Rc::new(InPlace), move || {
            if let Some(far) = closing.upgrade() {
                far.close(&gone());
            }
        });
        far.serve(site.peer().into_client_hook());
        let tasks = [near.clone(), far.clone()].map(|end| tokio::task::spawn_local(end.run()));
        Rc::new(Self { near, far, tasks })
    }
}

fn gone() -> capnp::Error {
    capnp::Error::disconnected("this side has gone away".into())
}

impl Connection for Border {
    fn peer(&self) -> peer::Client {
        FromClientHook::new(self.near.remote_root())
    }

    fn close(&self, side: Side) {
        match side {
            Side::Near => self.near.close(&gone()),
            Side::Far => self.far.close(&gone()),
        }
    }
}

impl Drop for Border {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

fn check(case: &str) {
    runner::check(&Loopback, case);
}

ww_conformance::cases!(tests);
ww_conformance::stream_cases!(tests);
ww_conformance::border_cases!(tests);
ww_conformance::near_cases!(tests);
