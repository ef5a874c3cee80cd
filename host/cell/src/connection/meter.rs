//! Counts what goes over an RPC connection.
//!
//! The library bounds neither the calls that a guest has outstanding, nor the objects that it holds, nor what it leaves
//! unread. So its connection is wrapped, and every message is looked at as it passes.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use capnp::Error;
use capnp::capability::Promise;
use capnp_rpc::rpc_capnp::{cap_descriptor, message, payload};
use capnp_rpc::rpc_twoparty_capnp::Side;
use capnp_rpc::{Connection, FlowController, IncomingMessage, OutgoingMessage, VatNetwork};

use crate::limits::{CALLS, HELD_BYTES, OBJECTS, QUEUED_BYTES};

/// What one connection has outstanding.
#[derive(Default)]
pub(super) struct Meter {
    /// Calls of the guest's that are not finished, and how many words their parameters have.
    calls: RefCell<HashMap<u32, usize>>,
    held_words: Cell<usize>,
    /// Objects of the host's that the guest holds, and how often each was lent.
    lent: RefCell<HashMap<u32, u32>>,
    /// Objects of the guest's that the host holds.
    received: RefCell<HashMap<u32, u32>>,
    /// Bytes that were sent and that the guest has not made room for.
    queued: Cell<usize>,
    exceeded: RefCell<Option<String>>,
}

impl Meter {
    /// The limit that was exceeded, if one was.
    pub(super) fn exceeded(&self) -> Option<String> {
        self.exceeded.borrow().clone()
    }

    /// Bytes have gone from the queue to the guest.
    pub(super) fn written(&self, bytes: usize) {
        self.queued.set(self.queued.get().saturating_sub(bytes));
    }

    fn sent(&self, message: message::Reader<'_>, words: usize) -> capnp::Result<()> {
        self.queued.set(self.queued.get() + words * 8);
        match message.which()? {
            message::Return(answer) => {
                if let Ok(capnp_rpc::rpc_capnp::return_::Results(results)) = answer?.which() {
                    count_lent(results?, &self.lent)?;
                }
            }
            message::Call(call) => count_lent(call?.get_params()?, &self.lent)?,
            message::Release(release) => {
                let release = release?;
                drop_references(&self.received, release.get_id(), release.get_reference_count());
            }
            _ => {}
        }
        self.check();
        Ok(())
    }

    fn got(&self, message: message::Reader<'_>, words: usize) -> capnp::Result<()> {
        match message.which()? {
            message::Call(call) => {
                let call = call?;
                self.calls.borrow_mut().insert(call.get_question_id(), words);
                self.held_words.set(self.held_words.get() + words);
                count_lent(call.get_params()?, &self.received)?;
            }
            message::Bootstrap(bootstrap) => {
                self.calls.borrow_mut().insert(bootstrap?.get_question_id(), 0);
            }
            message::Finish(finish) => {
                let words = self.calls.borrow_mut().remove(&finish?.get_question_id()).unwrap_or(0);
                self.held_words.set(self.held_words.get() - words);
            }
            message::Return(answer) => {
                if let Ok(capnp_rpc::rpc_capnp::return_::Results(results)) = answer?.which() {
                    count_lent(results?, &self.received)?;
                }
            }
            message::Release(release) => {
                let release = release?;
                drop_references(&self.lent, release.get_id(), release.get_reference_count());
            }
            _ => {}
        }
        self.check();
        Ok(())
    }

    fn check(&self) {
        let over = |what: &str, is: usize, limit: usize| {
            (is > limit).then(|| format!("the guest has {is} {what}, the limit is {limit}"))
        };
        let exceeded = over("calls outstanding", self.calls.borrow().len(), CALLS)
            .or_else(|| over("objects of the host's", self.lent.borrow().len(), OBJECTS))
            .or_else(|| over("objects with the host", self.received.borrow().len(), OBJECTS))
            .or_else(|| over("bytes of parameters outstanding", self.held_words.get() * 8, HELD_BYTES))
            .or_else(|| over("bytes unread", self.queued.get(), QUEUED_BYTES));
        if let Some(text) = exceeded {
            self.exceeded.borrow_mut().get_or_insert(text);
        }
    }
}

fn count_lent(payload: payload::Reader<'_>, objects: &RefCell<HashMap<u32, u32>>) -> capnp::Result<()> {
    for descriptor in payload.get_cap_table()? {
        if let cap_descriptor::SenderHosted(id) | cap_descriptor::SenderPromise(id) = descriptor.which()? {
            *objects.borrow_mut().entry(id).or_default() += 1;
        }
    }
    Ok(())
}

fn drop_references(objects: &RefCell<HashMap<u32, u32>>, id: u32, count: u32) {
    let mut objects = objects.borrow_mut();
    if let Some(references) = objects.get_mut(&id) {
        *references = references.saturating_sub(count);
        if *references == 0 {
            objects.remove(&id);
        }
    }
}

/// A two-party network whose one connection is metered.
pub(super) struct Metered<N> {
    pub(super) network: N,
    pub(super) meter: Rc<Meter>,
}

impl<N: VatNetwork<Side>> VatNetwork<Side> for Metered<N> {
    fn connect(&mut self, side: Side) -> Option<Box<dyn Connection<Side>>> {
        let connection = self.network.connect(side)?;
        Some(Box::new(MeteredConnection { connection, meter: self.meter.clone() }))
    }

    fn accept(&mut self) -> Promise<Box<dyn Connection<Side>>, Error> {
        let (accepted, meter) = (self.network.accept(), self.meter.clone());
        Promise::from_future(async move {
            let connection = accepted.await?;
            Ok(Box::new(MeteredConnection { connection, meter }) as Box<dyn Connection<Side>>)
        })
    }

    fn drive_until_shutdown(&mut self) -> Promise<(), Error> {
        self.network.drive_until_shutdown()
    }
}

struct MeteredConnection {
    connection: Box<dyn Connection<Side>>,
    meter: Rc<Meter>,
}

impl Connection<Side> for MeteredConnection {
    fn get_peer_vat_id(&self) -> Side {
        self.connection.get_peer_vat_id()
    }

    fn new_outgoing_message(&mut self, first_segment_words: u32) -> Box<dyn OutgoingMessage> {
        let message = self.connection.new_outgoing_message(first_segment_words);
        Box::new(MeteredMessage { message, meter: self.meter.clone() })
    }

    fn receive_incoming_message(&mut self) -> Promise<Option<Box<dyn IncomingMessage>>, Error> {
        let (received, meter) = (self.connection.receive_incoming_message(), self.meter.clone());
        Promise::from_future(async move {
            let message = received.await?;
            if let Some(message) = &message {
                let body = message.get_body()?;
                let words = usize::try_from(body.target_size()?.word_count).unwrap_or(usize::MAX);
                meter.got(body.get_as()?, words)?;
            }
            Ok(message)
        })
    }

    fn new_stream(&mut self) -> (Box<dyn FlowController>, Promise<(), Error>) {
        self.connection.new_stream()
    }

    fn shutdown(&mut self, result: capnp::Result<()>) -> Promise<(), Error> {
        self.connection.shutdown(result)
    }
}

struct MeteredMessage {
    message: Box<dyn OutgoingMessage>,
    meter: Rc<Meter>,
}

impl OutgoingMessage for MeteredMessage {
    fn get_body(&mut self) -> capnp::Result<capnp::any_pointer::Builder<'_>> {
        self.message.get_body()
    }

    fn get_body_as_reader(&self) -> capnp::Result<capnp::any_pointer::Reader<'_>> {
        self.message.get_body_as_reader()
    }

    fn send(self: Box<Self>) -> (Promise<(), Error>, Rc<capnp::message::Builder<capnp::message::HeapAllocator>>) {
        let words = self.message.size_in_words();
        let counted = self.message.get_body_as_reader().and_then(|body| self.meter.sent(body.get_as()?, words));
        if let Err(error) = counted {
            // What the library wrote itself is well formed; if it ever is not, the guest will say so.
            tracing::debug!(target: "ww::cell", "a message to a guest was not counted: {error}");
        }
        self.message.send()
    }

    fn take(self: Box<Self>) -> capnp::message::Builder<capnp::message::HeapAllocator> {
        self.message.take()
    }

    fn size_in_words(&self) -> usize {
        self.message.size_in_words()
    }
}
