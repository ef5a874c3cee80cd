//! The connection of one cell.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::task::Context;

use capnp::private::capability::ClientHook;
use capnp::{Error, ErrorKind};
use futures::channel::oneshot;
use ww_call::table::{Link, Table};
use ww_call::wire::EventWriter;
use ww_call::{Answer, Call, Deferred, Message, Segments};

use super::incoming::Incoming;
use super::outgoing::Outgoing;
use super::readable::Signal;
use crate::connection::Rpc;
use crate::limits::{OBJECTS, QUEUED_BYTES};
use crate::pipe::{PipeReader, PipeWriter};

/// Which of the two interfaces a guest uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// `wetware:cell/calls`.
    Calls,
    /// `wetware:cell/connection`.
    Connection,
}

/// The host's side of one guest's calls.
pub struct Calls {
    pub(super) table: Table,
    membrane: Box<dyn ClientHook>,
    /// The interface that the guest has chosen, by using it first.
    mode: Cell<Option<Mode>>,
    /// Who waits for what the guest serves, until it has chosen.
    waiting: RefCell<Vec<oneshot::Sender<Box<dyn ClientHook>>>>,
    rpc: Rpc,
    /// What the guest serves over RPC.
    served: RefCell<Option<Box<dyn ClientHook>>>,
    /// Calls of the guest's that are pending.
    pub(super) outgoing: Outgoing,
    /// Calls into the guest that it has not answered.
    pub(super) incoming: Incoming,
    events: RefCell<EventWriter>,
    /// Set while there are events.
    pub(super) signal: Signal,
    closed: RefCell<Option<Error>>,
    limit: RefCell<Option<String>>,
}

impl Calls {
    /// The connection of a guest that starts with `membrane`.
    pub fn new(membrane: Box<dyn ClientHook>) -> Rc<Self> {
        Rc::new_cyclic(|me: &Weak<Self>| Self {
            table: Table::new(membrane.add_ref(), me.clone(), OBJECTS),
            membrane,
            mode: Cell::new(None),
            waiting: RefCell::default(),
            rpc: Rpc::default(),
            served: RefCell::default(),
            outgoing: Outgoing::default(),
            incoming: Incoming::new(me.clone()),
            events: RefCell::default(),
            signal: Signal::default(),
            closed: RefCell::default(),
            limit: RefCell::default(),
        })
    }

    /// What the guest serves. Calls wait until the guest has used one of the two interfaces.
    pub fn bootstrap(&self) -> Box<dyn ClientHook> {
        if self.mode.get().is_some() || self.closed.borrow().is_some() {
            return self.root();
        }
        let (sender, chosen) = oneshot::channel();
        self.waiting.borrow_mut().push(sender);
        Deferred::client_of(async move {
            chosen.await.map_err(|_| Error::unimplemented("the guest has ended without serving anything".into()))
        })
    }

    fn root(&self) -> Box<dyn ClientHook> {
        let served = self.served.borrow().as_ref().map(|hook| hook.add_ref());
        served.unwrap_or_else(|| self.table.remote_root())
    }

    /// The guest uses `mode`.
    ///
    /// # Errors
    /// A trap where it has used the other one before.
    pub(super) fn enter(&self, mode: Mode) -> wasmtime::Result<()> {
        match self.mode.get() {
            Some(chosen) if chosen == mode => Ok(()),
            Some(_) => wasmtime::bail!("a guest uses wetware:cell/calls or wetware:cell/connection, not both"),
            None => {
                self.mode.set(Some(mode));
                if mode == Mode::Calls {
                    self.resolve_waiting();
                }
                Ok(())
            }
        }
    }

    fn resolve_waiting(&self) {
        for waiting in self.waiting.take() {
            // Who waited may have gone.
            let _ = waiting.send(self.root());
        }
    }

    /// Connects the guest by RPC: its ends of the two pipes.
    ///
    /// # Errors
    /// A trap where it is connected already, or uses the other interface.
    pub(crate) fn connect(&self) -> wasmtime::Result<(PipeReader, PipeWriter)> {
        self.enter(Mode::Connection)?;
        if self.served.borrow().is_some() {
            wasmtime::bail!("wetware:cell/connection: a guest connects once");
        }
        let (reader, writer, served) = self.rpc.connect(self.membrane.add_ref());
        self.served.replace(Some(served));
        self.resolve_waiting();
        Ok((reader, writer))
    }

    /// Ends the connection: calls into the guest fail with `reason`, those of the guest are dropped, and so is all that
    /// was lent to it. What the guest calls from now on fails the same way.
    pub fn close(&self, reason: Error) {
        if self.closed.borrow().is_some() {
            return;
        }
        self.closed.replace(Some(reason.clone()));
        self.event(|events| events.closed(&reason));
        self.waiting.take();
        self.rpc.close();
        self.outgoing.cancel_all();
        self.incoming.fail_all(&reason);
        self.table.clear();
    }

    /// Why the connection is over, where it is.
    pub(super) fn closed(&self) -> Option<Error> {
        self.closed.borrow().clone()
    }

    /// Lets the guest's pending calls go on.
    pub(crate) fn drive(&self, context: &mut Context<'_>) {
        self.outgoing.drive(context, |call, outcome| self.completed(call, outcome));
        self.rpc.drive(context);
    }

    /// The limit that the guest has run into and that ends it.
    pub(crate) fn limit_reached(&self) -> Option<String> {
        self.limit.borrow().clone().or_else(|| self.rpc.limit_reached())
    }

    /// Adds events for the guest, and wakes it.
    pub(super) fn event(&self, write: impl FnOnce(&mut EventWriter)) {
        let mut events = self.events.borrow_mut();
        write(&mut events);
        if events.len() * 8 > QUEUED_BYTES {
            // A guest that does not fetch its events costs memory that nobody gets back otherwise.
            let text = format!("the guest left more than {QUEUED_BYTES} bytes of results and calls unread");
            self.limit.borrow_mut().get_or_insert(text);
        }
        self.signal.set();
    }

    /// Takes the events that are there.
    pub(super) fn take_events(&self) -> Option<(Vec<u64>, Vec<Vec<u64>>)> {
        let events = {
            let mut events = self.events.borrow_mut();
            if events.is_empty() {
                return None;
            }
            std::mem::take(&mut *events)
        };
        self.signal.clear();
        // With these events the guest knows what was cancelled and what has ended: their ids are free.
        self.incoming.forget_cancelled();
        self.outgoing.forget_ended();
        Some(events.finish())
    }

    fn completed(&self, call: u32, outcome: capnp::Result<Rc<Message>>) {
        let sent = outcome.and_then(|message| {
            let handles = self.lend(&message)?;
            message.with_segments(|segments| self.event(|events| events.completed(call, segments, &handles)));
            Ok(())
        });
        if let Err(error) = sent {
            self.event(|events| events.failed(call, &error));
        }
    }

    /// Lends the capabilities of a message that fits.
    pub(super) fn lend(&self, message: &Message) -> capnp::Result<Vec<u32>> {
        let caps = message.caps();
        message.with_segments(|segments| {
            Segments::check(segments.iter().map(|segment| segment.len()).sum(), segments.len(), caps.len())
        })?;
        if caps.is_empty() { Ok(Vec::new()) } else { self.table.lend_all(caps) }
    }

    /// Gives back references that the guest held.
    pub(super) fn release(&self, releases: &[u64]) {
        for release in releases {
            // A guest that gives back what it does not hold harms nobody else; it is told nothing.
            let _ = self.table.released(*release as u32, (*release >> 32) as u32);
        }
    }
}

/// The guest, as the host calls it.
impl Link for Calls {
    fn call(&self, number: u32, call: Call) -> Answer {
        if let Some(reason) = self.closed() {
            return Answer::Failed(Error { kind: ErrorKind::Disconnected, ..reason });
        }
        let sent = self.incoming.start().and_then(|(id, answer)| {
            let handles = self.lend(&call.params).inspect_err(|_| self.incoming.forget(id))?;
            call.params.with_segments(|segments| {
                self.event(|events| {
                    events.incoming(id, number, call.interface, call.method, call.streaming, segments, &handles);
                });
            });
            Ok(answer)
        });
        match sent {
            Ok(answer) => Answer::Pending(answer),
            Err(error) => Answer::Failed(error),
        }
    }

    fn release(&self, number: u32, count: u32) {
        self.table.forget(number);
        if count > 0 && self.closed.borrow().is_none() {
            self.event(|events| events.released(number, count));
        }
    }
}
