//! The far side of the conformance suite, as a native plugin: each instance is a site of its own.

use std::rc::Rc;

use capnp::Error;
use capnp::capability::FromClientHook;
use ww_abi::bridge::{self, Directly};
use ww_abi::{Manifest, RawAnswer, RawCap, RawStart};
use ww_conformance::{InPlace, Site};

ww_abi::manifest!(Manifest {
    name: "conformance",
    version: env!("CARGO_PKG_VERSION"),
    description: "The far side of the conformance suite",
    interface: 0,
    roles: &[],
    requires: &[],
});

ww_abi::export_root!(start);

unsafe extern "C" fn start(start: *const RawStart, root: *mut RawCap, answer: *mut RawAnswer) {
    // SAFETY: the node calls this function by the rules of `Root::start`.
    unsafe {
        bridge::start(start, root, answer, Directly, |started| {
            let border = Rc::downgrade(&started.border);
            let site = Site::new(Rc::new(InPlace), move || {
                if let Some(border) = border.upgrade() {
                    border.close(&Error::disconnected("the plugin has gone away".into()));
                }
            });
            Ok(site.peer().into_client_hook())
        });
    }
}
