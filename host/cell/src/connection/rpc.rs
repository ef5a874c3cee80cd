//! The RPC system of one cell.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Context;

use capnp::message::ReaderOptions;
use capnp::private::capability::ClientHook;
use capnp_rpc::RpcSystem;
use capnp_rpc::rpc_twoparty_capnp::Side;
use capnp_rpc::twoparty::VatNetwork;

use super::bytes::{Reading, Writing};
use super::meter::{Meter, Metered};
use crate::limit::{Limit, LimitKind};
use crate::limits::{CONNECTION_PIPE_BYTES, RPC_TRAVERSAL_WORDS};
use crate::pipe::{PipeReader, PipeWriter, pipe};

/// The host's side of a guest's RPC connection, once there is one.
#[derive(Default)]
pub(crate) struct Rpc {
    running: RefCell<Option<Running>>,
}

struct Running {
    system: Pin<Box<RpcSystem<Side>>>,
    meter: Rc<Meter>,
}

impl Rpc {
    /// Connects a guest that starts with `membrane`: its ends of the two pipes, and what it serves.
    pub(crate) fn connect(&self, membrane: Box<dyn ClientHook>) -> (PipeReader, PipeWriter, Box<dyn ClientHook>) {
        let (to_guest, guest_reads) = pipe(CONNECTION_PIPE_BYTES);
        let (guest_writes, from_guest) = pipe(CONNECTION_PIPE_BYTES);
        let meter = Rc::new(Meter::default());
        let mut options = ReaderOptions::new();
        options.traversal_limit_in_words(Some(RPC_TRAVERSAL_WORDS)).nesting_limit(ww_call::limits::NESTING);
        let network = VatNetwork::new(
            Reading::new(from_guest),
            // Header and body of a message are written apart; together they are one write to the pipe.
            futures::io::BufWriter::new(Writing::new(to_guest, meter.clone())),
            Side::Server,
            options,
        );
        let network = Metered { network, meter: meter.clone() };
        let membrane = capnp::capability::Client::new(membrane);
        let mut system = RpcSystem::new(Box::new(network), Some(membrane));
        let bootstrap: capnp::capability::Client = system.bootstrap(Side::Client);
        self.running.replace(Some(Running { system: Box::pin(system), meter }));
        (guest_reads, guest_writes, bootstrap.hook)
    }

    /// Lets the connection go on.
    pub(crate) fn drive(&self, context: &mut Context<'_>) {
        // Out of the cell meanwhile: what the connection runs may come back here.
        let Some(mut running) = self.running.take() else { return };
        match running.system.as_mut().poll(context) {
            std::task::Poll::Pending => drop(self.running.replace(Some(running))),
            std::task::Poll::Ready(outcome) => {
                if let Err(error) = outcome {
                    tracing::debug!(target: "ww::cell", "a guest's connection has ended: {error}");
                }
            }
        }
    }

    /// The limit that the guest has run into and that ends it.
    pub(crate) fn limit_reached(&self) -> Option<Limit> {
        let text = self.running.borrow().as_ref()?.meter.exceeded()?;
        Some(Limit::new(LimitKind::Connection, format!("connection: {text}")))
    }

    /// Ends the connection. An orderly shutdown would wait for a guest that does not read.
    pub(crate) fn close(&self) {
        if let Some(running) = self.running.take() {
            // What the connection has is in circles that only this breaks. It starts at once; nobody waits for its end.
            let mut disconnect = running.system.get_disconnector();
            let _ = Pin::new(&mut disconnect).poll(&mut Context::from_waker(std::task::Waker::noop()));
            drop(running);
        }
    }
}
