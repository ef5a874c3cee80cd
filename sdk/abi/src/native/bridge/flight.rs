//! The other side's calls that are pending on this one.

use std::cell::RefCell;
use std::ffi::c_void;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use ww_call::{Message, PendingCall, broken_client, ops_of};

use super::border::Border;
use super::entry::within;
use super::message::send_results;
use super::text::send_error;
use super::waker::LastWaker;
use crate::{FutureVtable, RawAnswer, RawCap, RawFuture, RawWaker, Status};

static FUTURE: FutureVtable = FutureVtable { poll, pipelined, drop: drop_flight };

/// A call that the other side waits for.
pub(super) struct Flight {
    border: Rc<Border>,
    key: usize,
    call: RefCell<Option<Rc<PendingCall>>>,
    /// Where the call goes on in this side's turn, rather than when it is asked for.
    driven: Option<Driven>,
    waker: LastWaker,
}

struct Driven {
    outcome: RefCell<Option<capnp::Result<Rc<Message>>>>,
    driver: RefCell<Option<Waker>>,
    bytes: usize,
}

impl Flight {
    /// A call that goes on when the other side asks for its answer.
    pub(super) fn in_place(border: &Rc<Border>, call: Rc<PendingCall>) -> Rc<Self> {
        Self::new(border, call, None)
    }

    /// A call that this side drives; `bytes` are held for it.
    pub(super) fn driven(border: &Rc<Border>, call: Rc<PendingCall>, bytes: usize) -> Rc<Self> {
        let driven = Driven { outcome: RefCell::default(), driver: RefCell::default(), bytes };
        Self::new(border, call, Some(driven))
    }

    fn new(border: &Rc<Border>, call: Rc<PendingCall>, driven: Option<Driven>) -> Rc<Self> {
        border.flights.enter(|key| Self {
            border: border.clone(),
            key,
            call: RefCell::new(Some(call)),
            driven,
            waker: LastWaker::default(),
        })
    }

    /// The flight as the other side sees it, with a reference of its own.
    pub(super) fn raw(self: Rc<Self>) -> RawFuture {
        RawFuture { object: Rc::into_raw(self).cast(), vtable: &raw const FUTURE }
    }

    /// Goes on with a call that this side drives.
    pub(super) fn drive(&self, context: &mut Context<'_>) -> Poll<()> {
        let call = self.call.borrow().clone();
        let (Some(driven), Some(call)) = (&self.driven, call) else {
            return Poll::Ready(());
        };
        let Poll::Ready(outcome) = call.poll(context) else {
            driven.driver.replace(Some(context.waker().clone()));
            return Poll::Pending;
        };
        driven.outcome.replace(Some(outcome));
        self.waker.wake();
        Poll::Ready(())
    }

    /// The border has ended: whoever waits is told.
    pub(super) fn close(&self) {
        self.let_go();
        self.waker.wake();
    }

    fn let_go(&self) {
        let call = self.call.take();
        match (&self.border.queue, call) {
            (Some(queue), Some(call)) => queue.bury(Box::new(call)),
            (_, call) => drop(call),
        }
        if let Some(driver) = self.driven.as_ref().and_then(|driven| driven.driver.take()) {
            driver.wake();
        }
    }

    fn poll(&self, waker: &Waker) -> Poll<capnp::Result<Rc<Message>>> {
        self.border.open()?;
        if let Some(driven) = &self.driven {
            return driven.outcome.take().map_or(Poll::Pending, Poll::Ready);
        }
        let call = self.call.borrow().clone();
        let polled = match call {
            Some(call) => call.poll(&mut Context::from_waker(waker)),
            None => Poll::Ready(Err(capnp::Error::failed("the call is over".into()))),
        };
        // Its own server may have ended the border meanwhile.
        self.border.open()?;
        polled
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.border.flights.leave(self.key);
        self.let_go();
        if let (Some(queue), Some(driven)) = (&self.border.queue, &self.driven) {
            queue.held().give_back(driven.bytes);
        }
    }
}

/// A reference of our own to what the other side holds.
///
/// # Safety
/// `object` is a `Flight` that the other side has not dropped.
unsafe fn flight(object: *const c_void) -> Rc<Flight> {
    // SAFETY: as above.
    unsafe {
        Rc::increment_strong_count(object.cast::<Flight>());
        Rc::from_raw(object.cast::<Flight>())
    }
}

unsafe extern "C" fn poll(object: *const c_void, waker: *const RawWaker, answer: *mut RawAnswer) {
    // SAFETY: all three are valid until we return, and the answer is ours to fill in. Being polled may get the flight
    // dropped, so we take a reference.
    let (flight, waker, answer) = unsafe {
        let flight = flight(object);
        let waker = flight.waker.receive(waker);
        (flight, waker, &mut *answer)
    };
    let border = flight.border.clone();
    let polled = within(&*border.entry, || {
        let polled = flight.poll(&waker);
        drop(flight);
        match polled {
            Poll::Pending => answer.status = Status::PENDING,
            Poll::Ready(outcome) => send_results(&border, outcome?, answer)?,
        }
        Ok(())
    });
    if let Err(error) = polled.and_then(|polled| polled) {
        send_error(&error, answer);
    }
}

unsafe extern "C" fn pipelined(object: *const c_void, path: *const u16, length: usize, cap: *mut RawCap) {
    // SAFETY: the other side holds the flight, the path is valid until we return, and so is the place for the result.
    let (flight, path, cap) = unsafe {
        let path = if path.is_null() { &[] } else { std::slice::from_raw_parts(path, length) };
        (flight(object), path, &mut *cap)
    };
    let border = flight.border.clone();
    let pipelined = within(&*border.entry, || {
        let call = flight.call.borrow().clone();
        drop(flight);
        let hook = match (call, border.closed()) {
            (Some(call), None) => call.pipelined(&ops_of(path)),
            (_, reason) => broken_client(reason.unwrap_or_else(|| capnp::Error::failed("the call is over".into()))),
        };
        border.export(hook)
    });
    *cap = pipelined.unwrap_or(RawCap::NULL);
}

unsafe extern "C" fn drop_flight(object: *const c_void) {
    // SAFETY: the other side gives back its only reference.
    let flight = unsafe { Rc::from_raw(object.cast::<Flight>()) };
    let border = flight.border.clone();
    // A panic of what is cancelled has nobody to be told to; the entry may have noticed it.
    let _ = within(&*border.entry, || drop(flight));
}
