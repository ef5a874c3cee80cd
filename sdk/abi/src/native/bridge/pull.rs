//! Our calls that are pending on the other side.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use capnp::Error;
use capnp::private::capability::{ClientHook, PipelineOp};
use ww_call::{Answer, EarlyPipeline, Message, Pending, path_of};

use super::border::Border;
use super::message::receive_results;
use super::text::receive_error;
use super::waker::lend;
use crate::{RawAnswer, RawCap, RawFuture, SHORT_WORDS, Status};

/// A call that we wait for.
///
/// It goes on when its holder asks for the answer. Where nobody has asked by the time that this side has its turn, this
/// side drives it.
pub(super) struct Pull {
    border: Rc<Border>,
    key: usize,
    raw: Cell<RawFuture>,
    outcome: RefCell<Option<capnp::Result<Message>>>,
    /// Whoever waits for the answer.
    waker: RefCell<Option<Waker>>,
    looked_at: Cell<bool>,
    /// Set while this side drives it.
    driver: RefCell<Option<Waker>>,
    driven: Cell<bool>,
    /// Bytes that are held for it.
    bytes: usize,
    /// Set while its answer waits for the calls before it.
    behind: Cell<bool>,
}

impl Pull {
    /// Waits for a call that holds so many bytes.
    pub(super) fn start(border: &Rc<Border>, raw: RawFuture, bytes: usize) -> Answer {
        border.held.take(bytes);
        let pull = border.pulls.enter(|key| Self {
            border: border.clone(),
            key,
            raw: Cell::new(raw),
            outcome: RefCell::default(),
            waker: RefCell::default(),
            looked_at: Cell::new(false),
            driver: RefCell::default(),
            driven: Cell::new(false),
            bytes,
            behind: Cell::new(false),
        });
        if let Some(queue) = &border.queue {
            queue.look_after(&pull);
        }
        if let Err(closed) = border.open() {
            pull.close();
            return Answer::Failed(closed);
        }
        Answer::Pending(Pending::new(Pulling(pull.clone())).with_early(pull))
    }

    /// Whether nobody has asked for the answer: then this side goes on with it.
    pub(super) fn adopt(&self) -> bool {
        let adopted = !self.looked_at.get() && !self.is_over();
        self.driven.set(adopted);
        adopted
    }

    fn is_over(&self) -> bool {
        self.raw.get().vtable.is_null()
    }

    /// Goes on with a call that this side drives.
    pub(super) fn drive(self: &Rc<Self>, context: &mut Context<'_>) -> Poll<()> {
        match self.ask(context.waker()) {
            Poll::Pending => {
                self.driver.replace(Some(context.waker().clone()));
                Poll::Pending
            }
            Poll::Ready(outcome) => {
                if let Some(outcome) = self.in_order(outcome) {
                    self.end(outcome);
                }
                Poll::Ready(())
            }
        }
    }

    /// An answer that can be handed over now. One with capabilities, of which any may be an object of ours, waits while
    /// calls of the other side's do.
    fn in_order(self: &Rc<Self>, outcome: capnp::Result<Message>) -> Option<capnp::Result<Message>> {
        let carries = outcome.as_ref().is_ok_and(|message| !message.caps().is_empty());
        match &self.border.queue {
            Some(queue) if carries && queue.is_behind() => {
                self.behind.set(true);
                self.outcome.replace(Some(outcome));
                queue.deliver(self);
                None
            }
            _ => Some(outcome),
        }
    }

    /// The calls before its answer were made.
    pub(super) fn delivered(&self) {
        self.behind.set(false);
        self.wake();
    }

    /// The border has ended: whoever waits is told.
    pub(super) fn close(&self) {
        if let Some(reason) = self.border.closed()
            && !self.is_over()
        {
            self.end(Err(reason));
        }
        self.delivered();
        self.let_go();
    }

    fn end(&self, outcome: capnp::Result<Message>) {
        self.outcome.borrow_mut().get_or_insert(outcome);
        self.wake();
    }

    fn wake(&self) {
        let waker = self.waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn let_go(&self) {
        let raw = self.raw.replace(RawFuture::NULL);
        if !raw.vtable.is_null() {
            let _busy = self.border.activity.dropping();
            // SAFETY: the future was ours, and is dropped once.
            unsafe { ((*raw.vtable).drop)(raw.object) };
        }
        if let Some(driver) = self.driver.take() {
            driver.wake();
        }
    }

    fn poll(self: &Rc<Self>, waker: &Waker) -> Poll<capnp::Result<Message>> {
        if !self.behind.get()
            && let Some(outcome) = self.outcome.take()
        {
            return Poll::Ready(outcome);
        }
        if !waker.will_wake(Waker::noop()) {
            self.looked_at.set(true);
            let mut known = self.waker.borrow_mut();
            if !known.as_ref().is_some_and(|known| known.will_wake(waker)) {
                *known = Some(waker.clone());
            }
        }
        if self.driven.get() || self.behind.get() {
            return Poll::Pending;
        }
        match self.ask(waker) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(outcome) => self.in_order(outcome).map_or(Poll::Pending, Poll::Ready),
        }
    }

    fn ask(&self, waker: &Waker) -> Poll<capnp::Result<Message>> {
        let raw = self.raw.get();
        if raw.vtable.is_null() {
            return Poll::Ready(Err(Error::failed("the call is over".into())));
        }
        let mut room = [const { MaybeUninit::<u64>::uninit() }; SHORT_WORDS];
        let mut answer = RawAnswer::with_room(room.as_mut_ptr().cast(), SHORT_WORDS);
        let busy = self.border.activity.polling();
        // SAFETY: the future is ours, and waker and answer are valid until this returns.
        lend(waker, |waker| unsafe { ((*raw.vtable).poll)(raw.object, waker, &raw mut answer) });
        drop(busy);
        let outcome = match answer.status {
            Status::PENDING => return Poll::Pending,
            Status::DONE => receive_results(&self.border, &answer),
            _ => Err(receive_error(&answer)),
        };
        self.let_go();
        Poll::Ready(outcome)
    }
}

impl EarlyPipeline for Pull {
    fn cap(&self, ops: &[PipelineOp]) -> Option<Box<dyn ClientHook>> {
        let raw = self.raw.get();
        if raw.vtable.is_null() {
            return None;
        }
        let (path, mut cap) = (path_of(ops), RawCap::NULL);
        let _busy = self.border.activity.polling();
        // SAFETY: the future is ours, and path and place are valid until this returns.
        unsafe { ((*raw.vtable).pipelined)(raw.object, path.as_ptr(), path.len(), &raw mut cap) };
        self.border.receive_cap(cap)
    }
}

impl Drop for Pull {
    fn drop(&mut self) {
        self.border.pulls.leave(self.key);
        self.border.held.give_back(self.bytes);
        self.let_go();
    }
}

/// The answer. Dropping it cancels the call.
struct Pulling(Rc<Pull>);

impl Future for Pulling {
    type Output = capnp::Result<Message>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll(context.waker())
    }
}
