//! A guest calls the host: it grafts the far side from its Membrane, runs one case, and its status is the verdict.

use std::cell::RefCell;
use std::rc::Rc;

use capnp::Error;
use capnp::private::capability::ClientHook;
use ww_cell::{Closer, Exit};
use ww_conformance::conformance_capnp::peer;
use ww_conformance::{InPlace, Site};

use super::program::cell;
use crate::runner;

/// More than any guest prints.
const OUTPUT: usize = 64 << 10;

/// The host as a far side. It goes away by ending the connection of the guest.
#[derive(Clone, Default)]
struct Host(Rc<RefCell<Option<Closer>>>);

impl Host {
    /// A far side that nobody has used yet.
    fn peer(&self) -> peer::Client {
        let closer = self.0.clone();
        let leave = move || {
            if let Some(closer) = &*closer.borrow() {
                closer.close(Error::disconnected("the host has gone away".into()));
            }
        };
        Site::new(Rc::new(InPlace), leave).peer()
    }
}

/// Runs a case in a guest that starts with `membrane`.
fn check(case: &str, membrane: impl FnOnce(Host) -> Box<dyn ClientHook>) {
    let (exit, output) = runner::on_a_worker(async {
        let host = Host::default();
        let (cell, output) = cell(&[case], membrane(host.clone())).await;
        host.0.replace(Some(cell.closer()));
        let exit = cell.run().await;
        (exit, output.read(OUTPUT).await)
    });
    let output = String::from_utf8_lossy(&output);
    assert!(exit == Exit::Code(0) && output == format!("ok {case}\n"), "{exit:?}: {output}");
}

/// The host's objects as they are.
mod plain {
    use capnp::capability::FromClientHook;
    use ww_call::new_client;
    use ww_capnp::stem_capnp::membrane;

    use super::{Error, Host, Rc};

    /// A Membrane with nothing but the far side, and no guard.
    struct Unguarded(Host);

    impl membrane::Server for Unguarded {
        async fn graft(
            self: Rc<Self>,
            _params: membrane::GraftParams,
            mut results: membrane::GraftResults,
        ) -> Result<(), Error> {
            let mut export = results.get().init_caps(1).get(0);
            export.set_name("peer");
            export.init_cap().set_as_capability(self.0.peer().into_client_hook());
            Ok(())
        }
    }

    fn check(case: &str) {
        super::check(case, |host| new_client::<membrane::Client, _>(Unguarded(host)).into_client_hook());
    }

    ww_conformance::cases!(tests);
    ww_conformance::stream_cases!(tests);
    ww_conformance::border_cases!(tests);
    ww_conformance::busy_cases!(tests);
}

/// The host's objects behind the guards of the Membrane.
mod guarded {
    use capnp::Error;
    use capnp::capability::FromClientHook;
    use futures::FutureExt;
    use futures::future::LocalBoxFuture;
    use membrane::{Authority, Caller, Grants, Membrane, Registry, Source, Worker};

    use super::{ClientHook, Host, Rc};

    impl Source for Host {
        fn attach(&self, _caller: Caller) -> LocalBoxFuture<'static, Result<Box<dyn ClientHook>, Error>> {
            futures::future::ready(Ok(self.peer().into_client_hook())).boxed_local()
        }
    }

    fn membrane(host: Host) -> Box<dyn ClientHook> {
        let mut registry = Registry::new();
        registry.register("peer".parse().expect("a name"), host).expect("the only one");
        let worker = Worker::new(&Authority::new(0));
        tokio::task::spawn_local(worker.clone().run());
        Membrane::client(Rc::new(registry), Grants::all(), worker, "conformance".into()).into_client_hook()
    }

    fn check(case: &str) {
        super::check(case, membrane);
    }

    ww_conformance::cases!(tests);
    ww_conformance::stream_cases!(tests);
    ww_conformance::border_cases!(tests);
    ww_conformance::busy_cases!(tests);
}
