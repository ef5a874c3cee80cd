//! The host as the far side.

use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use ww_conformance::{Connection, Failure, Grafted, Outcome, Traits, Transport};

/// Calls the host.
pub(crate) struct Host;

impl Transport for Host {
    fn traits(&self) -> Traits {
        Traits::OURS
    }

    fn connect(&self) -> LocalBoxFuture<'_, Outcome<Rc<dyn Connection>>> {
        async {
            // Every graft attaches a new far side.
            let session = ww_guest::graft_only(&["peer"]).await.map_err(failed)?;
            let peer = session.get("peer").map_err(failed)?;
            Ok(Rc::new(Grafted(peer)) as Rc<dyn Connection>)
        }
        .boxed_local()
    }

    fn sleep(&self, time: Duration) -> LocalBoxFuture<'static, ()> {
        ww_guest::sleep(time).boxed_local()
    }
}

fn failed(error: ww_guest::Error) -> Failure {
    Failure::new(error.to_string())
}
