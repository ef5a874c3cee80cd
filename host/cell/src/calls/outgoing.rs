//! Calls of a guest's whose answers come later.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use capnp::Error;
use capnp::private::capability::ClientHook;
use futures::stream::{FuturesUnordered, Stream};
use slab::Slab;
use ww_call::{Message, Pending, PendingCall, broken_client, ops_of};

use crate::limiter::bytes;
use crate::limits::{CALLS, HELD_BYTES};

/// The calls of one guest that are pending. They go on whether the guest waits or computes.
#[derive(Default)]
pub(super) struct Outgoing {
    calls: RefCell<Slab<Rc<Running>>>,
    /// Bytes of the parameters of those that have not ended.
    held: Cell<usize>,
    /// Calls whose end waits in the guest's events. Their ids are taken until the guest knows.
    ended: RefCell<Vec<u32>>,
    /// Those whose end was in the last events that the guest fetched. While it acts on them it may still use the ids, and
    /// make calls, which must not get them.
    told: RefCell<Vec<u32>>,
    /// Calls that were made since the last turn.
    fresh: RefCell<Vec<Completion>>,
    running: RefCell<FuturesUnordered<Completion>>,
}

/// A call that may be given up: then its future is dropped at once.
struct Running {
    call: RefCell<Option<Rc<PendingCall>>>,
    /// Bytes of its parameters, until it ends.
    params: Cell<usize>,
    ended: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Running {
    fn cancel(&self) {
        let call = self.call.take();
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
        drop(call);
    }
}

/// The end of a call; `None` where it was given up.
struct Completion {
    id: u32,
    running: Rc<Running>,
}

impl Future for Completion {
    type Output = Option<(u32, capnp::Result<Rc<Message>>)>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(call) = self.running.call.borrow().clone() else {
            return Poll::Ready(None);
        };
        if let Poll::Ready(outcome) = call.poll(context) {
            return Poll::Ready(Some((self.id, outcome)));
        }
        self.running.waker.replace(Some(context.waker().clone()));
        Poll::Pending
    }
}

impl Outgoing {
    /// Whether the guest may make one more call, with parameters of `params` bytes. Asked before anybody is called, so
    /// that a call too many costs nothing.
    ///
    /// # Errors
    /// `overloaded`, naming the limit.
    pub(super) fn admits(&self, params: usize) -> capnp::Result<()> {
        if self.calls.borrow().len() >= CALLS {
            return Err(Error::overloaded(format!("this guest has {CALLS} calls pending, which is the limit")));
        }
        if self.held.get() + params > HELD_BYTES {
            let limit = bytes(HELD_BYTES);
            let text = format!("the calls that this guest has pending hold more than {limit}, which is the limit");
            return Err(Error::overloaded(text));
        }
        Ok(())
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.calls.borrow().len()
    }

    /// Keeps a pending call with parameters of `params` bytes, under an id.
    pub(super) fn add(&self, pending: Pending, params: usize) -> u32 {
        self.held.set(self.held.get() + params);
        let running = Rc::new(Running {
            call: RefCell::new(Some(PendingCall::new(pending))),
            params: Cell::new(params),
            ended: Cell::new(false),
            waker: RefCell::default(),
        });
        let id = self.calls.borrow_mut().insert(running.clone()) as u32;
        self.fresh.borrow_mut().push(Completion { id, running });
        id
    }

    /// The call has ended, or is given up: its parameters are gone.
    fn let_go(&self, running: &Running) {
        self.held.set(self.held.get().saturating_sub(running.params.take()));
    }

    /// The capability that a pending call will return at `path`.
    pub(super) fn pipelined(&self, id: u32, path: &[u16]) -> Box<dyn ClientHook> {
        let call = self.calls.borrow().get(id as usize).and_then(|running| running.call.borrow().clone());
        match call {
            Some(call) => call.pipelined(&ops_of(path)),
            None => broken_client(Error::failed(format!("there is no pending call {id}"))),
        }
    }

    /// Gives up a call. One that has ended stays until the guest knows that.
    pub(super) fn cancel(&self, id: u32) {
        let running = {
            let mut calls = self.calls.borrow_mut();
            match calls.get(id as usize) {
                Some(running) if !running.ended.get() => calls.try_remove(id as usize),
                _ => None,
            }
        };
        if let Some(running) = running {
            self.let_go(&running);
            running.cancel();
        }
    }

    /// The guest fetches its events.
    pub(super) fn tell(&self) {
        self.told.borrow_mut().append(&mut self.ended.borrow_mut());
    }

    /// The guest is done with the events that it fetched: what ended in them is known, and their ids are free.
    pub(super) fn forget_told(&self) {
        for id in self.told.take() {
            let running = self.calls.borrow_mut().try_remove(id as usize);
            drop(running);
        }
    }

    pub(super) fn cancel_all(&self) {
        let calls = std::mem::take(&mut *self.calls.borrow_mut());
        for (_, running) in calls {
            self.let_go(&running);
            running.cancel();
        }
    }

    /// Polls what can go on, and hands over what has ended.
    pub(super) fn drive(&self, context: &mut Context<'_>, completed: impl Fn(u32, capnp::Result<Rc<Message>>)) {
        loop {
            // A call that ends may run somebody's code, which may make this guest's connection do anything but this.
            let Ok(mut running) = self.running.try_borrow_mut() else { return };
            running.extend(self.fresh.take());
            let next = Pin::new(&mut *running).poll_next(context);
            drop(running);
            match next {
                Poll::Ready(Some(Some((id, outcome)))) => {
                    if let Some(running) = self.calls.borrow().get(id as usize) {
                        running.ended.set(true);
                        self.let_go(running);
                    }
                    self.ended.borrow_mut().push(id);
                    completed(id, outcome);
                }
                Poll::Ready(Some(None)) => {}
                Poll::Ready(None) | Poll::Pending => {
                    if self.fresh.borrow().is_empty() {
                        return;
                    }
                }
            }
        }
    }
}
