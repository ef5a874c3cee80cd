//! One end of the loopback carrier.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

use capnp::Error;
use capnp::private::capability::ClientHook;
use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::{AbortHandle, Abortable, LocalBoxFuture};
use futures::stream::{FuturesUnordered, Stream};
use ww_call::table::{Link, Table};
use ww_call::wire::{Content, Event, EventReader, EventWriter, Words};
use ww_call::{Answer, Call, Message, Pending, broken_client};

/// Calls of one side that are pending at once.
const CALLS: usize = 8192;

/// Objects that one side has lent to the other.
const OBJECTS: usize = 16_384;

/// Events as they cross.
type Batch = (Vec<u64>, Vec<Vec<u64>>);

/// The end of a call that this side answers; `None` where it was given up.
type Serving = LocalBoxFuture<'static, Option<(u32, capnp::Result<Message>)>>;

pub(super) struct End {
    me: Weak<Self>,
    other: RefCell<Weak<Self>>,
    table: Table,
    inbox: RefCell<VecDeque<Batch>>,
    outbox: RefCell<EventWriter>,
    /// Calls of this side's, by id. An id is never used again: what is on its way may still speak of it.
    asked: RefCell<HashMap<u32, oneshot::Sender<capnp::Result<Message>>>>,
    last_id: Cell<u32>,
    /// Calls of the other side's, by its ids.
    serving: RefCell<HashMap<u32, AbortHandle>>,
    fresh: RefCell<Vec<Serving>>,
    closed: RefCell<Option<Error>>,
    waker: RefCell<Option<Waker>>,
}

impl End {
    /// The two ends of a border, of which neither serves anything yet.
    pub(super) fn pair() -> (Rc<Self>, Rc<Self>) {
        let (one, other) = (Self::new(), Self::new());
        one.other.replace(Rc::downgrade(&other));
        other.other.replace(Rc::downgrade(&one));
        (one, other)
    }

    fn new() -> Rc<Self> {
        let nothing: Box<dyn ClientHook> = broken_client(Error::unimplemented("this side serves nothing".into()));
        Rc::new_cyclic(|me: &Weak<Self>| Self {
            me: me.clone(),
            other: RefCell::default(),
            table: Table::new(nothing, me.clone(), OBJECTS),
            inbox: RefCell::default(),
            outbox: RefCell::default(),
            asked: RefCell::default(),
            last_id: Cell::new(0),
            serving: RefCell::default(),
            fresh: RefCell::default(),
            closed: RefCell::default(),
            waker: RefCell::default(),
        })
    }

    pub(super) fn serve(&self, root: Box<dyn ClientHook>) {
        self.table.set_root(root);
    }

    pub(super) fn remote_root(&self) -> Box<dyn ClientHook> {
        self.table.remote_root()
    }

    /// This side goes away: it says so, and drops all that it has.
    pub(super) fn close(&self, reason: &Error) {
        self.outbox.borrow_mut().closed(reason);
        self.flush();
        self.end(reason);
    }

    fn end(&self, reason: &Error) {
        if self.closed.borrow().is_some() {
            return;
        }
        self.closed.replace(Some(reason.clone()));
        for answer in self.asked.take().into_values() {
            // Nobody may be waiting for it any more.
            let _ = answer.send(Err(reason.clone()));
        }
        for serving in self.serving.take().into_values() {
            serving.abort();
        }
        self.fresh.take();
        self.table.close(reason);
        self.wake();
    }

    /// Carries events both ways, and works on the other side's calls, until the border is closed.
    pub(super) async fn run(self: Rc<Self>) {
        let mut serving = FuturesUnordered::new();
        poll_fn(move |context| {
            self.waker.replace(Some(context.waker().clone()));
            self.receive_all();
            self.go_on(&mut serving, context);
            self.flush();
            if self.closed.borrow().is_some() {
                serving.clear();
                return Poll::Ready(());
            }
            Poll::Pending
        })
        .await;
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    fn write(&self, write: impl FnOnce(&mut EventWriter)) {
        write(&mut self.outbox.borrow_mut());
        self.wake();
    }

    fn flush(&self) {
        let events = std::mem::take(&mut *self.outbox.borrow_mut());
        if let Some(other) = self.other.borrow().upgrade()
            && !events.is_empty()
        {
            other.inbox.borrow_mut().push_back(events.finish());
            other.wake();
        }
    }

    fn receive_all(&self) {
        loop {
            let batch = self.inbox.borrow_mut().pop_front();
            let Some((words, long)) = batch else { return };
            for event in EventReader::new(words, long) {
                self.receive(event);
            }
        }
    }

    fn receive(&self, event: Event) {
        match event {
            Event::Completed { call, results } => {
                let message = self.message(results);
                self.answered(call, message);
            }
            Event::Failed { call, error } => self.answered(call, Err(error)),
            Event::Cancelled { call } => {
                if let Some(serving) = self.serving.borrow_mut().remove(&call) {
                    serving.abort();
                }
            }
            Event::Released { number, count } => self.table.released(number, count).expect("an honest count"),
            Event::Incoming { call, number, interface, method, streaming, params } => {
                let answer = self.message(params).and_then(|params| {
                    Ok(self.table.object(number)?.call(Call { interface, method, streaming, params }))
                });
                self.answer(call, answer.unwrap_or_else(Answer::Failed));
            }
            Event::Closed { error } => self.end(&error),
        }
    }

    fn message(&self, words: Words) -> capnp::Result<Message> {
        let caps = self.table.receive_all(words.handles)?;
        Ok(Message::from_words(words.segments, caps))
    }

    fn answered(&self, call: u32, outcome: capnp::Result<Message>) {
        let answer = self.asked.borrow_mut().remove(&call);
        if let Some(answer) = answer {
            // Whoever asked may have given up meanwhile.
            let _ = answer.send(outcome);
        }
    }

    fn answer(&self, call: u32, answer: Answer) {
        match answer {
            Answer::Done(message) => self.reply(call, Ok(message)),
            Answer::Failed(error) => self.reply(call, Err(error)),
            Answer::Pending(mut pending) => {
                let (abort, registration) = AbortHandle::new_pair();
                self.serving.borrow_mut().insert(call, abort);
                let answer = Abortable::new(poll_fn(move |context| pending.poll(context)), registration);
                self.fresh.borrow_mut().push(answer.map(move |end| Some((call, end.ok()?))).boxed_local());
            }
        }
    }

    /// Works on the other side's calls, as far as they go.
    fn go_on(&self, serving: &mut FuturesUnordered<Serving>, context: &mut Context<'_>) {
        loop {
            serving.extend(self.fresh.take());
            match Pin::new(&mut *serving).poll_next(context) {
                Poll::Ready(Some(Some((call, outcome)))) => {
                    self.serving.borrow_mut().remove(&call);
                    self.reply(call, outcome);
                }
                Poll::Ready(Some(None)) => {}
                Poll::Ready(None) | Poll::Pending if self.fresh.borrow().is_empty() => return,
                Poll::Ready(None) | Poll::Pending => {}
            }
        }
    }

    fn reply(&self, call: u32, outcome: capnp::Result<Message>) {
        let sent = outcome.and_then(|message| {
            let handles = self.table.lend_message(&message)?;
            message.with_segments(|segments| {
                let results = Content { segments, handles: &handles, keep: &|index| segments[index].to_vec() };
                self.write(|events| events.completed(call, results));
            });
            Ok(())
        });
        if let Err(error) = sent {
            self.write(|events| events.failed(call, &error));
        }
    }

    fn ask(&self, number: u32, call: &Call) -> capnp::Result<Pending> {
        if let Some(reason) = &*self.closed.borrow() {
            return Err(reason.clone());
        }
        if self.asked.borrow().len() >= CALLS {
            return Err(Error::overloaded(format!("{CALLS} calls are pending, which is the limit")));
        }
        let handles = self.table.lend_message(&call.params)?;
        let id = self.last_id.get() + 1;
        self.last_id.set(id);
        call.params.with_segments(|segments| {
            let params = Content { segments, handles: &handles, keep: &|index| segments[index].to_vec() };
            self.write(|events| {
                events.incoming(id, number, call.interface, call.method, call.streaming, params);
            });
        });
        let (answer, arrives) = oneshot::channel();
        self.asked.borrow_mut().insert(id, answer);
        let asking = Asking { id, end: self.me.clone() };
        Ok(Pending::new(async move {
            let _asking = asking;
            arrives.await.unwrap_or_else(|_| Err(Error::disconnected("the other side is gone".into())))
        }))
    }
}

/// A call that is waited for. Dropping it before its end cancels it.
struct Asking {
    id: u32,
    end: Weak<End>,
}

impl Drop for Asking {
    fn drop(&mut self) {
        if let Some(end) = self.end.upgrade()
            && end.asked.borrow_mut().remove(&self.id).is_some()
        {
            end.write(|events| events.cancelled(self.id));
        }
    }
}

/// The other side, as this one calls it.
impl Link for End {
    fn call(&self, number: u32, call: Call) -> Answer {
        match self.ask(number, &call) {
            Ok(pending) => Answer::Pending(pending),
            Err(error) => Answer::Failed(error),
        }
    }

    fn release(&self, number: u32, count: u32) {
        self.table.forget(number);
        if count > 0 && self.closed.borrow().is_none() {
            self.write(|events| events.released(number, count));
        }
    }
}
