//! Without a border: the local clients of the Cap'n Proto library, called as targets of ours.

use std::rc::Rc;
use std::time::Duration;

use capnp::capability::FromClientHook;
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use ww_call::Proxy;
use ww_conformance::conformance_capnp::{counter, peer, recorder, sink};
use ww_conformance::{Connection, Counter, Maker, Outcome, Peer, Recorder, Side, Sink, Site, Traits, Transport};

use crate::runner;

struct Foreign;

impl Transport for Foreign {
    fn traits(&self) -> Traits {
        Traits::OURS
    }

    fn connect(&self) -> LocalBoxFuture<'_, Outcome<Rc<dyn Connection>>> {
        let far = Site::new(Rc::new(Library), || ());
        async { Ok(Rc::new(Object(far)) as Rc<dyn Connection>) }.boxed_local()
    }

    fn sleep(&self, time: Duration) -> LocalBoxFuture<'static, ()> {
        runner::sleep(time)
    }

    fn maker(&self) -> Rc<dyn Maker> {
        Rc::new(Library)
    }
}

/// Makes the library's clients, each below a proxy of ours.
struct Library;

fn ours<C: FromClientHook>(client: C) -> C {
    Proxy::client(ww_call::target(client.into_client_hook()))
}

impl Maker for Library {
    fn peer(&self, server: Peer) -> peer::Client {
        ours(capnp_rpc::new_client(server))
    }

    fn counter(&self, server: Counter) -> counter::Client {
        ours(capnp_rpc::new_client(server))
    }

    fn recorder(&self, server: Recorder) -> recorder::Client {
        ours(capnp_rpc::new_client(server))
    }

    fn sink(&self, server: Sink) -> sink::Client {
        ours(capnp_rpc::new_client(server))
    }
}

struct Object(Site);

impl Connection for Object {
    fn peer(&self) -> peer::Client {
        self.0.peer()
    }

    fn close(&self, _side: Side) {
        unreachable!("there are no sides");
    }
}

fn check(case: &str) {
    runner::check(&Foreign, case);
}

ww_conformance::cases!(tests);
