//! The RPC system of one cell.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use capnp::private::capability::ClientHook;
use capnp_rpc::RpcSystem;
use capnp_rpc::rpc_twoparty_capnp::Side;

use super::network::Network;
use super::wire::Wire;
use crate::limit::{Limit, LimitKind};
use crate::limits::{CALLS, CONNECTION_PIPE_BYTES};
use crate::pipe::{PipeReader, PipeWriter, pipe};

/// How often the tasks of a connection that has ended are polled, at most. Those who wait are told in the first few; a
/// call of the guest's that never waits could go on for ever, and each of them can take a turn.
const SETTLING: usize = CALLS;

/// The host's side of a guest's RPC connection, once there is one.
#[derive(Default)]
pub(crate) struct Rpc {
    running: RefCell<Option<Pin<Box<RpcSystem<Side>>>>>,
    wire: RefCell<Option<Rc<Wire>>>,
    closed: Cell<bool>,
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
            // What it ran has ended the connection.
            Poll::Pending if self.closed.get() => self.disconnect(system),
            Poll::Pending => drop(self.running.replace(Some(system))),
            Poll::Ready(outcome) => {
                if let Err(error) = outcome {
                    tracing::debug!(target: "ww::cell", "a guest's connection has ended: {error}");
                }
                self.close_wire();
                settle(system);
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
        self.closed.set(true);
        if let Some(system) = self.running.take() {
            self.disconnect(system);
        }
        self.close_wire();
    }

    /// Lets go of all that a connection has: it is in circles that only this breaks.
    fn disconnect(&self, system: Pin<Box<RpcSystem<Side>>>) {
        let mut disconnect = system.get_disconnector();
        // It starts at once; nobody waits for its end.
        let _ = Pin::new(&mut disconnect).poll(&mut Context::from_waker(Waker::noop()));
        self.close_wire();
        settle(system);
    }

    fn close_wire(&self) {
        if let Some(wire) = &*self.wire.borrow() {
            wire.close();
        }
    }
}

/// Lets all those know of the end of a connection who wait for an answer over it, and drops it then. They are told by
/// tasks of the system's: without these they would wait for ever.
fn settle(mut system: Pin<Box<RpcSystem<Side>>>) {
    let woken = Arc::new(Woken(AtomicBool::new(false)));
    let waker = Waker::from(woken.clone());
    for _ in 0..SETTLING {
        let polled = system.as_mut().poll(&mut Context::from_waker(&waker));
        if polled.is_pending() && !woken.0.swap(false, Ordering::Relaxed) {
            return;
        }
    }
}

/// Whether a task can go on.
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::any::Any;
    use std::future::pending;
    use std::rc::Weak;

    use capnp::message::Builder;
    use capnp_rpc::rpc_capnp::message;
    use ww_call::{Answer, Call, Message, Pending, Proxy, Target};

    use super::*;

    /// Ends the connection by which it is called.
    struct Ends {
        rpc: Weak<Rpc>,
        called: Cell<bool>,
    }

    impl Target for Ends {
        fn call(&self, _: Call) -> Answer {
            self.called.set(true);
            if let Some(rpc) = self.rpc.upgrade() {
                rpc.close();
            }
            Answer::Pending(Pending::new(pending::<capnp::Result<Message>>()))
        }

        fn as_any(&self) -> &dyn Any {
            self
        }
    }

    fn say(guest: &PipeWriter, write: impl FnOnce(message::Builder<'_>)) {
        let mut builder = Builder::new_default();
        write(builder.init_root());
        guest.try_write(&capnp::serialize::write_message_to_words(&builder)).unwrap();
    }

    #[test]
    fn nothing_is_left_of_a_connection_that_ends_while_it_is_driven() {
        let rpc = Rc::new(Rpc::default());
        let root = Rc::new(Ends { rpc: Rc::downgrade(&rpc), called: Cell::new(false) });
        let (_reads, guest, served) = rpc.connect(Proxy::hook(root.clone()));
        drop(served);
        say(&guest, |message| message.init_bootstrap().set_question_id(0));
        for question in 1..4 {
            say(&guest, |message| {
                let mut call = message.init_call();
                call.set_question_id(question);
                call.init_target().init_promised_answer().set_question_id(0);
            });
        }
        while !root.called.get() {
            rpc.drive(&mut Context::from_waker(Waker::noop()));
        }
        assert_eq!(Rc::strong_count(&root), 1, "somebody still holds the root");
    }
}
