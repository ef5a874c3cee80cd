//! The RPC system of one cell.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use capnp::private::capability::ClientHook;
use capnp_rpc::RpcSystem;
use capnp_rpc::rpc_twoparty_capnp::Side;

use super::network::Network;
use super::wire::Wire;
use crate::limit::{Limit, LimitKind};
use crate::limits::CONNECTION_PIPE_BYTES;
use crate::pipe::{PipeReader, PipeWriter, pipe};

/// The host's side of a guest's RPC connection, once there is one.
#[derive(Default)]
pub(crate) struct Rpc {
    running: RefCell<Option<Pin<Box<RpcSystem<Side>>>>>,
    wire: RefCell<Option<Rc<Wire>>>,
}

impl Rpc {
    /// Connects a guest that starts with `membrane`: its ends of the two pipes, and what it serves.
    pub(crate) fn connect(&self, membrane: Box<dyn ClientHook>) -> (PipeReader, PipeWriter, Box<dyn ClientHook>) {
        let (to_guest, guest_reads) = pipe(CONNECTION_PIPE_BYTES);
        let (guest_writes, from_guest) = pipe(CONNECTION_PIPE_BYTES);
        let wire = Rc::new(Wire::new(from_guest, to_guest));
        let membrane = capnp::capability::Client::new(membrane);
        let mut system = RpcSystem::new(Box::new(Network(wire.clone())), Some(membrane));
        let bootstrap: capnp::capability::Client = system.bootstrap(Side::Client);
        self.running.replace(Some(Box::pin(system)));
        self.wire.replace(Some(wire));
        (guest_reads, guest_writes, bootstrap.hook)
    }

    /// Lets the connection go on.
    pub(crate) fn drive(&self, context: &mut Context<'_>) {
        // Out of the cell meanwhile: what the connection runs may come back here.
        let Some(mut system) = self.running.take() else { return };
        if let Some(wire) = &*self.wire.borrow() {
            wire.next_turn();
        }
        match system.as_mut().poll(context) {
            Poll::Pending => drop(self.running.replace(Some(system))),
            Poll::Ready(outcome) => {
                if let Err(error) = outcome {
                    tracing::debug!(target: "ww::cell", "a guest's connection has ended: {error}");
                }
                drop(system);
                self.close_wire();
            }
        }
    }

    /// The limit that the guest has run into and that ends it.
    pub(crate) fn limit_reached(&self) -> Option<Limit> {
        let text = self.wire.borrow().as_ref()?.meter.exceeded()?;
        Some(Limit::new(LimitKind::Connection, format!("connection: {text}")))
    }

    /// Ends the connection. An orderly shutdown would wait for a guest that does not read.
    pub(crate) fn close(&self) {
        if let Some(system) = self.running.take() {
            // What the connection has is in circles that only this breaks. It starts at once; nobody waits for its end.
            let mut disconnect = system.get_disconnector();
            let _ = Pin::new(&mut disconnect).poll(&mut Context::from_waker(Waker::noop()));
            drop(system);
        }
        self.close_wire();
    }

    fn close_wire(&self) {
        if let Some(wire) = &*self.wire.borrow() {
            wire.close();
        }
    }
}
