//! The connection of one cell.

use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::task::Context;

use capnp::private::capability::ClientHook;
use capnp::{Error, ErrorKind};
use ww_call::table::{Link, Table};
use ww_call::wire::EventWriter;
use ww_call::{Answer, Call, Message, Segments};

use super::incoming::Incoming;
use super::outgoing::Outgoing;
use super::readable::Signal;
use crate::limits::{OBJECTS, QUEUED_BYTES};

/// The host's side of one guest's calls.
pub struct Calls {
    pub(super) table: Table,
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
            table: Table::new(membrane, me.clone(), OBJECTS),
            outgoing: Outgoing::default(),
            incoming: Incoming::new(me.clone()),
            events: RefCell::default(),
            signal: Signal::default(),
            closed: RefCell::default(),
            limit: RefCell::default(),
        })
    }

    /// What the guest serves.
    pub fn bootstrap(&self) -> Box<dyn ClientHook> {
        self.table.remote_root()
    }

    /// Ends the connection: calls into the guest fail with `reason`, those of the guest are dropped, and so is all that
    /// was lent to it. What the guest calls from now on fails the same way.
    pub fn close(&self, reason: Error) {
        if self.closed.borrow().is_some() {
            return;
        }
        self.closed.replace(Some(reason.clone()));
        self.event(|events| events.closed(&reason));
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
    }

    /// The limit that the guest has run into and that ends it.
    pub(crate) fn limit_reached(&self) -> Option<String> {
        self.limit.borrow().clone()
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
