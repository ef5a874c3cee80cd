//! Without a border: the clients of `ww_call`, called in place.

use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use ww_conformance::conformance_capnp::peer;
use ww_conformance::{Connection, InPlace, Outcome, Side, Site, Traits, Transport};

use crate::runner;

pub(crate) struct InProcess;

impl Transport for InProcess {
    fn traits(&self) -> Traits {
        Traits::OURS
    }

    fn connect(&self) -> LocalBoxFuture<'_, Outcome<Rc<dyn Connection>>> {
        let far = Site::new(Rc::new(InPlace), || ());
        async { Ok(Rc::new(Object(far)) as Rc<dyn Connection>) }.boxed_local()
    }

    fn sleep(&self, time: Duration) -> LocalBoxFuture<'static, ()> {
        runner::sleep(time)
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
    runner::check(&InProcess, case);
}

ww_conformance::cases!(tests);
ww_conformance::stream_cases!(tests);
