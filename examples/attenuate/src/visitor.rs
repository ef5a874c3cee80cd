//! The visitor: it tries whatever it can.

use std::cell::RefCell;
use std::rc::Rc;

use capnp::Error;
use ww_guest::system_capnp::host;

use crate::visitor_capnp::visitor;

/// All that it has is what it was given.
#[derive(Default)]
pub(crate) struct Visitor {
    host: RefCell<Option<host::Client>>,
}

impl visitor::Server for Visitor {
    async fn receive(self: Rc<Self>, params: visitor::ReceiveParams, _: visitor::ReceiveResults) -> Result<(), Error> {
        self.host.replace(Some(params.get()?.get_host()?));
        Ok(())
    }

    async fn explore(
        self: Rc<Self>,
        _: visitor::ExploreParams,
        mut results: visitor::ExploreResults,
    ) -> Result<(), Error> {
        let host = self.host.borrow().clone();
        let host = host.ok_or_else(|| Error::failed("nobody has given me anything".into()))?;
        let findings = [
            finding("id", host.id_request().send().promise.await),
            finding("addrs", host.addrs_request().send().promise.await),
            finding("peers", host.peers_request().send().promise.await),
            finding("connect", host.connect_request().send().promise.await),
        ];
        results.get().set_findings(&findings[..])
    }
}

fn finding<T>(method: &str, outcome: Result<T, Error>) -> String {
    match outcome {
        Ok(_) => format!("{method}: works"),
        Err(error) => format!("{method}: {}", error.extra),
    }
}
