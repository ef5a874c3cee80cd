//! The connection of one cell.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::task::Context;

use capnp::private::capability::ClientHook;
use capnp::{Error, ErrorKind};
use futures::channel::oneshot;
use ww_call::table::{Link, Table};
use ww_call::wire::{Content, EventWriter};
use ww_call::{Answer, Call, Deferred, Message};

use super::incoming::{Answers, Incoming};
use super::outgoing::Outgoing;
use super::readable::Signal;
use super::segment::Segment;
use crate::cell::Holdings;
use crate::connection::Rpc;
use crate::limit::{Limit, LimitKind};
use crate::limiter::bytes;
use crate::limits::{OBJECTS, QUEUED_BYTES, RELEASES};
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
    events: RefCell<EventWriter<Segment>>,
    queued: Queued,
    /// Set while there are events.
    pub(super) signal: Signal,
    closed: RefCell<Option<Error>>,
    limit: RefCell<Option<Limit>>,
}

/// Bytes of events that the guest has not fetched.
#[derive(Default)]
struct Queued {
    /// Of results, which it has asked for.
    results: Cell<usize>,
    /// Of calls, which others make.
    calls: Cell<usize>,
}

impl Calls {
    /// The connection of a guest that starts with `membrane`, and is called within the bounds of `answers`.
    pub fn new(membrane: Box<dyn ClientHook>, answers: Answers) -> Rc<Self> {
        Rc::new_cyclic(|me: &Weak<Self>| Self {
            table: Table::new(membrane.add_ref(), me.clone(), OBJECTS),
            membrane,
            mode: Cell::new(None),
            waiting: RefCell::default(),
            rpc: Rpc::default(),
            served: RefCell::default(),
            outgoing: Outgoing::default(),
            incoming: Incoming::new(me.clone(), answers),
            events: RefCell::default(),
            queued: Queued::default(),
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
        self.table.close(&Error { kind: ErrorKind::Disconnected, ..reason });
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

    /// What the guest and the host have of each other's.
    pub(crate) fn holdings(&self) -> Holdings {
        Holdings {
            lent: self.table.lent(),
            received: self.table.received(),
            calls: self.outgoing.count(),
            asked: self.incoming.count(),
        }
    }

    /// The limit that the guest has run into and that ends it.
    pub(crate) fn limit_reached(&self) -> Option<Limit> {
        self.limit.borrow().clone().or_else(|| self.rpc.limit_reached())
    }

    fn end_by(&self, kind: LimitKind, text: String) {
        self.limit.borrow_mut().get_or_insert_with(|| Limit::new(kind, text));
    }

    /// Passes on what came of a guest's own doing. Where that was more capabilities than may cross, it is ended.
    pub(super) fn or_end<T>(&self, crossing: capnp::Result<T>) -> capnp::Result<T> {
        if crossing.as_ref().is_err_and(|error| error.kind == ErrorKind::Overloaded) {
            let text = format!("capabilities: the limit is {OBJECTS} of the host's, and as many of the guest's");
            self.end_by(LimitKind::Capabilities, text);
        }
        crossing
    }

    /// Adds an event for the guest, and wakes it. Returns how many bytes it has.
    pub(super) fn event(&self, write: impl FnOnce(&mut EventWriter<Segment>)) -> usize {
        let mut events = self.events.borrow_mut();
        let before = events.len();
        write(&mut events);
        self.signal.set();
        (events.len() - before) * 8
    }

    /// Adds the end of one of the guest's calls. Who does not fetch what it asked for costs memory that nobody gets back
    /// otherwise.
    fn result(&self, write: impl FnOnce(&mut EventWriter<Segment>)) {
        let queued = self.queued.results.get() + self.event(write);
        self.queued.results.set(queued);
        if queued > QUEUED_BYTES {
            self.end_by(
                LimitKind::Unread,
                format!("results: more wait to be fetched than {}, the limit", bytes(QUEUED_BYTES)),
            );
        }
    }

    /// Takes the events that are there.
    pub(super) fn take_events(&self) -> Option<(Vec<u64>, Vec<Segment>)> {
        let events = {
            let mut events = self.events.borrow_mut();
            if events.is_empty() {
                return None;
            }
            std::mem::take(&mut *events)
        };
        self.signal.clear();
        self.queued.results.set(0);
        self.queued.calls.set(0);
        self.incoming.tell();
        self.outgoing.tell();
        Some(events.finish())
    }

    /// The guest asks for events: it has acted on those that it fetched before, so what they told it is known, and the
    /// ids in them are free.
    pub(super) fn acted(&self) {
        self.incoming.forget_told();
        self.outgoing.forget_told();
    }

    /// Whether a call with these parameters can wait for the guest.
    ///
    /// # Errors
    /// `overloaded` where too much waits already: the caller's trouble, not the guest's.
    fn room_for(&self, params: &Message) -> capnp::Result<()> {
        if self.queued.calls.get() + params.bytes() > QUEUED_BYTES {
            let limit = bytes(QUEUED_BYTES);
            return Err(Error::overloaded(format!(
                "this guest has more calls to fetch than {limit}, which is the limit"
            )));
        }
        Ok(())
    }

    fn completed(&self, call: u32, outcome: capnp::Result<Rc<Message>>) {
        let sent = outcome.and_then(|message| {
            let handles = self.or_end(self.table.lend_message(&message))?;
            let keep = |index| Segment::new(message.clone(), index);
            message.with_segments(|segments| {
                let results = Content { segments, handles: &handles, keep: &keep };
                self.result(|events| events.completed(call, results));
            });
            Ok(())
        });
        if let Err(error) = sent {
            self.result(|events| events.failed(call, &error));
        }
    }

    /// Gives back references that the guest held.
    pub(super) fn release(&self, releases: &[u64]) {
        if releases.len() > RELEASES {
            let text = format!("releases: {} in one wait, the limit is {RELEASES}", releases.len());
            return self.end_by(LimitKind::Releases, text);
        }
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
        let sent = self.room_for(&call.params).and_then(|()| self.incoming.start()).and_then(|(id, answer)| {
            let handles = self.table.lend_message(&call.params).inspect_err(|_| self.incoming.forget(id))?;
            let Call { interface, method, streaming, params } = call;
            let params = Rc::new(params);
            let keep = |index| Segment::new(params.clone(), index);
            let bytes = params.with_segments(|segments| {
                let params = Content { segments, handles: &handles, keep: &keep };
                self.event(|events| events.incoming(id, number, interface, method, streaming, params))
            });
            self.queued.calls.set(self.queued.calls.get() + bytes);
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
