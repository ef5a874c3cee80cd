//! The two-party network of a cell, for the RPC system: one connection, to the guest.

use std::future::pending;
use std::rc::Rc;

use capnp::Error;
use capnp::any_pointer;
use capnp::capability::Promise;
use capnp::message::{Builder, HeapAllocator, Reader};
use capnp::serialize::OwnedSegments;
use capnp_rpc::rpc_twoparty_capnp::Side;
use capnp_rpc::{Connection, FlowController, IncomingMessage, OutgoingMessage, VatNetwork};

use super::wire::Wire;

/// The network in which the host is the server, and the guest the client.
pub(super) struct Network(pub(super) Rc<Wire>);

impl VatNetwork<Side> for Network {
    fn connect(&mut self, side: Side) -> Option<Box<dyn Connection<Side>>> {
        if side == Side::Client { Some(Box::new(Host(self.0.clone()))) } else { None }
    }

    /// The host connects as soon as there is a network, so nobody has to be waited for.
    fn accept(&mut self) -> Promise<Box<dyn Connection<Side>>, Error> {
        Promise::from_future(pending())
    }

    fn drive_until_shutdown(&mut self) -> Promise<(), Error> {
        let wire = self.0.clone();
        Promise::from_future(async move { wire.flush().await })
    }
}

/// The host's end of the connection.
struct Host(Rc<Wire>);

impl Connection<Side> for Host {
    fn get_peer_vat_id(&self) -> Side {
        Side::Client
    }

    fn new_outgoing_message(&mut self, first_segment_words: u32) -> Box<dyn OutgoingMessage> {
        let allocator = HeapAllocator::new().first_segment_words(first_segment_words);
        Box::new(Outgoing { message: Builder::new(allocator), wire: self.0.clone() })
    }

    fn receive_incoming_message(&mut self) -> Promise<Option<Box<dyn IncomingMessage>>, Error> {
        let wire = self.0.clone();
        Promise::from_future(async move {
            let message = wire.receive().await?;
            Ok(message.map(|message| Box::new(Incoming(message)) as Box<dyn IncomingMessage>))
        })
    }

    fn new_stream(&mut self) -> (Box<dyn FlowController>, Promise<(), Error>) {
        (Box::new(NoWindow), Promise::ok(()))
    }

    /// Whoever drives the network writes what still waits, and ends with `result` then.
    fn shutdown(&mut self, result: capnp::Result<()>) -> Promise<(), Error> {
        self.0.end_with(result);
        Promise::ok(())
    }
}

/// A call of a streaming method is acknowledged by its answer, as over every other carrier. The library's own window would
/// acknowledge the first 64 KiB unseen, and go on with calls that were given up.
struct NoWindow;

impl FlowController for NoWindow {
    fn send(&mut self, message: Box<dyn OutgoingMessage>, ack: Promise<(), Error>) -> Promise<(), Error> {
        drop(message.send());
        ack
    }

    /// Nothing was acknowledged that was not done.
    fn wait_all_acked(&mut self) -> Promise<(), Error> {
        Promise::ok(())
    }
}

/// A message from the guest.
struct Incoming(Reader<OwnedSegments>);

impl IncomingMessage for Incoming {
    fn get_body(&self) -> capnp::Result<any_pointer::Reader<'_>> {
        self.0.get_root()
    }
}

/// A message to the guest.
struct Outgoing {
    message: Builder<HeapAllocator>,
    wire: Rc<Wire>,
}

impl OutgoingMessage for Outgoing {
    fn get_body(&mut self) -> capnp::Result<any_pointer::Builder<'_>> {
        self.message.get_root()
    }

    fn get_body_as_reader(&self) -> capnp::Result<any_pointer::Reader<'_>> {
        self.message.get_root_as_reader()
    }

    fn send(self: Box<Self>) -> (Promise<(), Error>, Rc<Builder<HeapAllocator>>) {
        self.wire.send(&self.message);
        (Promise::ok(()), Rc::new(self.message))
    }

    fn take(self: Box<Self>) -> Builder<HeapAllocator> {
        self.message
    }

    fn size_in_words(&self) -> usize {
        self.message.size_in_words()
    }
}
