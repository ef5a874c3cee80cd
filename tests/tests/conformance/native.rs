//! The carrier between the node and a native plugin, with the plugin `tests/plugins/conformance`.

use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use capnp::capability::FromClientHook;
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use ww::plugin::native::Native;
use ww::plugin::root;
use ww_conformance::conformance_capnp::peer;
use ww_conformance::{Connection, Failure, Outcome, Side, Traits, Transport};
use ww_tests::binary;

use crate::runner;

struct ToPlugin;

fn library() -> &'static PathBuf {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| binary::plugin("tests/plugins/conformance"))
}

impl Transport for ToPlugin {
    fn traits(&self) -> Traits {
        Traits::OURS
    }

    fn connect(&self) -> LocalBoxFuture<'_, Outcome<Rc<dyn Connection>>> {
        async {
            // SAFETY: the library is our own.
            let root = unsafe { root::load(library()) }.map_err(|error| Failure::new(error.to_string()))?;
            Ok(Rc::new(Plugin(Native::start(root, "conformance", Arc::default())?)) as Rc<dyn Connection>)
        }
        .boxed_local()
    }

    fn sleep(&self, time: Duration) -> LocalBoxFuture<'static, ()> {
        runner::sleep(time)
    }
}

struct Plugin(Native);

impl Connection for Plugin {
    fn peer(&self) -> peer::Client {
        FromClientHook::new(self.0.provider())
    }

    fn close(&self, side: Side) {
        match side {
            Side::Near => self.0.border().close(&capnp::Error::disconnected("the node has gone away".into())),
            // Of a plugin, only it can take itself away.
            Side::Far => drop(self.peer().leave_request().send()),
        }
    }
}

/// What one side held of the other's is given back when all is over.
#[test]
fn nothing_is_left_at_the_border() {
    runner::on_a_worker(async {
        // SAFETY: the library is our own.
        let root = unsafe { root::load(library()) }.expect("a plugin");
        let native = Native::start(root, "conformance", Arc::default()).expect("start it");
        let peer: peer::Client = FromClientHook::new(native.provider());
        peer.census_request().send().promise.await.expect("an answer");
        assert_eq!((native.border().objects(), native.border().pending()), ((0, 1), (0, 0)));
    });
}

fn check(case: &str) {
    // Before the case and its clock begin.
    library();
    runner::check(&ToPlugin, case);
}

ww_conformance::cases!(tests);
ww_conformance::stream_cases!(tests);
ww_conformance::border_cases!(tests);
ww_conformance::near_cases!(tests);
