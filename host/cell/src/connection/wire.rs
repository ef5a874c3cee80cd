//! The two pipes of a connection, as the RPC system reads and writes them: messages, each of which is counted.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use capnp::message::{Builder, HeapAllocator, Reader};
use capnp::serialize::OwnedSegments;
use capnp::{Error, ErrorKind};
use capnp_rpc::rpc_capnp::message;
use futures::future::{Either, select};
use tokio::sync::Notify;

use super::frame::{Frames, table};
use super::meter::Meter;
use super::outbox::Outbox;
use crate::limits::CONNECTION_PIPE_BYTES;
use crate::pipe::{PipeReader, PipeWriter};

/// What the host reads from a guest, and what it writes to it.
pub(super) struct Wire {
    input: PipeReader,
    frames: RefCell<Frames>,
    outbox: RefCell<Outbox>,
    /// Something has to be done that only [`Wire::flush`] does.
    changed: Notify,
    /// What the RPC system has ended with, once it has.
    end: RefCell<Option<capnp::Result<()>>>,
    closed: Cell<bool>,
    /// How many turns the guest has had.
    turn: Cell<u32>,
    pub(super) meter: Meter,
}

impl Wire {
    pub(super) fn new(input: PipeReader, output: PipeWriter) -> Self {
        Self {
            input,
            frames: RefCell::new(Frames::new()),
            outbox: RefCell::new(Outbox::new(output)),
            changed: Notify::new(),
            end: RefCell::default(),
            closed: Cell::new(false),
            turn: Cell::new(0),
            meter: Meter::default(),
        }
    }

    /// The next message; none at the end of what the guest writes, and none where it does not read any more.
    ///
    /// # Errors
    /// Where that is no message, or more than may be sent, or says that this is the end. All of them are `disconnected`:
    /// that is what they mean for whoever waits for an answer.
    pub(super) async fn receive(&self) -> capnp::Result<Option<Reader<OwnedSegments>>> {
        self.next_message().await.map_err(|error| Error { kind: ErrorKind::Disconnected, ..error })
    }

    async fn next_message(&self) -> capnp::Result<Option<Reader<OwnedSegments>>> {
        self.let_the_guest_read().await;
        loop {
            let frame = self.frames.borrow_mut().next(&self.input);
            match frame {
                Ok(Some((message, words))) => {
                    let root: message::Reader<'_> = message.get_root()?;
                    self.meter.got(root, words)?;
                    // The library would fail whoever waits with the kind of error that the guest names.
                    if let Ok(message::Abort(reason)) = root.which() {
                        let reason = reason?.get_reason()?.to_string()?;
                        return Err(Error::disconnected(format!("the guest has ended the connection: {reason}")));
                    }
                    return Ok(Some(message));
                }
                Ok(None) if self.input.at_end() => return self.at_end(),
                Ok(None) => {
                    // It would never learn of an answer, nor of a call.
                    let Some(writer) = self.outbox.borrow().writer() else { return Ok(None) };
                    let (more, deaf) = (pin!(self.input.readable()), pin!(writer.abandoned()));
                    if let Either::Right(((), _)) = select(more, deaf).await {
                        self.outbox.borrow_mut().close();
                    }
                }
                Err(refused) => return Err(self.meter.end_by(&refused)),
            }
        }
    }

    /// While more waits for the guest than its pipe holds, and it reads of that in each of its turns, it gets another
    /// turn before it is listened to: it may have asked for more than it can have at once. One that does not read is no
    /// reason to wait.
    async fn let_the_guest_read(&self) {
        let mut before = usize::MAX;
        loop {
            let waiting = {
                let mut outbox = self.outbox.borrow_mut();
                outbox.go_on();
                outbox.waiting()
            };
            if waiting <= CONNECTION_PIPE_BYTES || waiting >= before {
                return;
            }
            before = waiting;
            let turn = self.turn.get();
            poll_fn(|context| {
                if self.turn.get() != turn {
                    return Poll::Ready(());
                }
                context.waker().wake_by_ref();
                Poll::Pending
            })
            .await;
        }
    }

    /// The guest has had a turn.
    pub(super) fn next_turn(&self) {
        self.turn.set(self.turn.get().wrapping_add(1));
    }

    fn at_end<T>(&self) -> capnp::Result<Option<T>> {
        if self.frames.borrow().is_between() {
            return Ok(None);
        }
        Err(Error::disconnected("the guest has ended in the middle of a message".into()))
    }

    /// Sends a message. What the pipe has no room for waits.
    pub(super) fn send(&self, message: &Builder<HeapAllocator>) {
        if self.closed.get() {
            return;
        }
        let segments = message.get_segments_for_output();
        let words = segments.iter().map(|segment| segment.len() / 8).sum();
        let counted = message.get_root_as_reader().and_then(|root| self.meter.sent(root, words));
        if let Err(error) = counted {
            // What the library wrote itself is well formed; if it ever is not, the guest will say so.
            tracing::debug!(target: "ww::cell", "a message to a guest was not counted: {error}");
        }
        let table = table(&segments);
        let waiting = {
            let mut outbox = self.outbox.borrow_mut();
            match &*segments {
                [one] => outbox.write(&[&table, one]),
                many => outbox.write(&[&[&table[..]], many].concat()),
            }
            outbox.waiting()
        };
        if waiting > 0 {
            self.meter.waits(waiting);
            // Also for whoever looks whether a limit was exceeded: this may not be the guest's own turn.
            self.changed.notify_one();
        }
    }

    /// Writes what waits, whenever there is room, until the RPC system has ended and nothing waits any more.
    ///
    /// # Errors
    /// What the RPC system has ended with.
    pub(super) async fn flush(&self) -> capnp::Result<()> {
        loop {
            let blocked = self.outbox.borrow().blocked();
            match blocked {
                Some(pipe) => {
                    select(pin!(pipe.writable()), pin!(self.changed.notified())).await;
                    self.outbox.borrow_mut().go_on();
                }
                None => match self.end.take() {
                    Some(end) => return end,
                    None => self.changed.notified().await,
                },
            }
        }
    }

    /// The RPC system has ended, and sends nothing any more.
    pub(super) fn end_with(&self, end: capnp::Result<()>) {
        self.end.replace(Some(end));
        self.changed.notify_one();
    }

    /// Ends both pipes, at once. What the guest was sent before it can still read.
    pub(super) fn close(&self) {
        self.closed.set(true);
        self.outbox.borrow_mut().close();
        self.input.end();
    }
}
