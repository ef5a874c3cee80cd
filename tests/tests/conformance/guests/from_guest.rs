//! A guest calls the host: it grafts the far side from its Membrane, runs one case, and its status is the verdict.

use std::cell::RefCell;
use std::rc::Rc;

use capnp::Error;
use capnp::capability::FromClientHook;
use ww_cell::{Closer, Exit};
use ww_conformance::conformance_capnp::peer;
use ww_conformance::{InPlace, Site};

use super::membrane::{Guards, Peers, membrane};
use super::program::Guest;
use crate::runner;

/// More than any guest prints.
const OUTPUT: usize = 64 << 10;

/// The host as a far side. It goes away by ending the connection of the guest.
#[derive(Clone, Default)]
struct Host(Rc<RefCell<Option<Closer>>>);

impl Peers for Host {
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

/// Runs a case in a guest.
pub(super) fn check(guest: &Guest, guards: Guards, case: &str) {
    let (exit, output) = runner::on_a_worker(async {
        let host = Host::default();
        let membrane = membrane(host.clone(), guards).into_client_hook();
        let (cell, output) = guest.cell(&[case], membrane).await;
        host.0.replace(Some(cell.closer()));
        let exit = cell.run().await;
        (exit, output.read(OUTPUT).await)
    });
    let output = String::from_utf8_lossy(&output);
    assert!(exit == Exit::Code(0) && output == format!("ok {case}\n"), "{exit:?}: {output}");
}
