//! The guest's side of its calls.

use std::cell::RefCell;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

use capnp::Error;
use capnp::capability::FromClientHook;
use capnp::private::capability::{ClientHook, PipelineOp};
use futures::future::{AbortHandle, Abortable};
use ww_call::table::{Link, Table};
use ww_call::wire::{Event, EventReader, STREAMING, Words};
use ww_call::{Answer, Call, EarlyPipeline, Message, Pending, broken_client, path_of};

use crate::executor::spawn;
use crate::imports::{self, Outcome, gone};
use crate::releases::Releases;

/// As many objects as a guest can lend and hold. The host has a bound of its own, and that one counts.
const OBJECTS: usize = 1 << 20;

thread_local! {
    static CONNECTION: Rc<Connection> = Connection::new();
}

/// The connection of this guest.
pub(crate) fn connection() -> Rc<Connection> {
    CONNECTION.with(Rc::clone)
}

/// Offers `client` to whoever started this guest: it becomes the guest's bootstrap. A later one replaces it.
pub fn export(client: impl FromClientHook) {
    connection().table.set_root(client.into_client_hook());
}

/// Offers `client`, and answers calls on it until the host ends the connection.
///
/// # Errors
/// Why the connection has ended, where that was not orderly.
pub async fn serve(client: impl FromClientHook) -> crate::Result<()> {
    export(client);
    disconnected().await;
    Ok(())
}

/// Waits until the host ends the connection, and says why it did.
pub async fn disconnected() -> Error {
    let connection = connection();
    std::future::poll_fn(move |context| match &*connection.closed.borrow() {
        Some(reason) => Poll::Ready(reason.clone()),
        None => {
            connection.closing.borrow_mut().push(context.waker().clone());
            Poll::Pending
        }
    })
    .await
}

pub(crate) struct Connection {
    table: Table,
    /// Calls of ours that are pending, by id.
    calls: RefCell<HashMap<u32, Rc<Waiting>>>,
    /// Calls of the host's that we are answering, by id.
    answering: RefCell<HashMap<u32, AbortHandle>>,
    releases: Releases,
    closed: RefCell<Option<Error>>,
    closing: RefCell<Vec<Waker>>,
}

impl Connection {
    fn new() -> Rc<Self> {
        let nothing: Box<dyn ClientHook> =
            broken_client(Error::unimplemented("this guest does not serve anything".into()));
        Rc::new_cyclic(|me: &Weak<Self>| Self {
            table: Table::new(nothing, me.clone(), OBJECTS),
            calls: RefCell::default(),
            answering: RefCell::default(),
            releases: Releases::default(),
            closed: RefCell::default(),
            closing: RefCell::default(),
        })
    }

    /// The object that the guest starts with.
    pub(crate) fn root(&self) -> Box<dyn ClientHook> {
        self.table.remote_root()
    }

    /// How long a turn may take, where nothing else is to be done for `timeout` nanoseconds.
    pub(crate) fn patience(&self, timeout: u64) -> u64 {
        if self.releases.are_waited_for() { 0 } else { timeout }
    }

    /// Fetches what has happened, waiting at most `timeout` nanoseconds, and acts on it.
    pub(crate) fn turn(self: &Rc<Self>, timeout: u64) {
        let releases = self.releases.take();
        let (words, long) = imports::wait(&releases, timeout);
        for event in EventReader::new(words, long) {
            self.handle(event);
        }
    }

    fn handle(self: &Rc<Self>, event: Event) {
        match event {
            Event::Completed { call, results } => self.completed(call, self.receive(results)),
            Event::Failed { call, error } => self.completed(call, Err(error)),
            Event::Incoming { call, number, interface, method, streaming, params } => {
                let answer = self.receive(params).and_then(|params| {
                    let target = self.table.object(number)?;
                    Ok(target.call(Call { interface, method, streaming, params }))
                });
                self.answer(call, answer.unwrap_or_else(Answer::Failed));
            }
            Event::Cancelled { call } => {
                if let Some(abort) = self.answering.borrow_mut().remove(&call) {
                    abort.abort();
                }
            }
            Event::Released { number, count } => {
                // The host gives back what it was lent.
                let _ = self.table.released(number, count);
            }
            Event::Closed { error } => self.close(error),
        }
    }

    fn receive(&self, words: Words) -> capnp::Result<Message> {
        let caps = self.table.receive_all(words.handles)?;
        Ok(Message::from_words(words.segments, caps))
    }

    fn completed(&self, call: u32, outcome: capnp::Result<Message>) {
        // Without a waiter the call was given up while its answer was on its way: what it lends goes back.
        let waiting = self.calls.borrow_mut().remove(&call);
        if let Some(waiting) = waiting {
            waiting.set(outcome);
        }
    }

    fn answer(self: &Rc<Self>, call: u32, answer: Answer) {
        match answer {
            Answer::Done(message) => self.reply(call, Ok(&message)),
            Answer::Failed(error) => self.reply(call, Err(error)),
            Answer::Pending(pending) => {
                let (abort, registration) = AbortHandle::new_pair();
                self.answering.borrow_mut().insert(call, abort);
                let connection = self.clone();
                let (future, _) = pending.into_parts();
                spawn(async move {
                    if let Ok(outcome) = Abortable::new(future, registration).await {
                        connection.answering.borrow_mut().remove(&call);
                        connection.reply(call, outcome.as_ref().map_err(Clone::clone));
                    }
                });
            }
        }
    }

    fn reply(&self, call: u32, outcome: capnp::Result<&Message>) {
        if self.closed.borrow().is_some() {
            return;
        }
        let lent = outcome.and_then(|message| Ok((message, self.table.lend_message(message)?)));
        imports::reply(
            call,
            lent.as_ref().map(|(message, handles)| (*message, handles.as_slice())).map_err(Clone::clone),
        );
    }

    fn close(&self, reason: Error) {
        let reason = gone(&reason);
        self.closed.replace(Some(reason.clone()));
        let calls = self.calls.take();
        for waiting in calls.into_values() {
            waiting.set(Err(reason.clone()));
        }
        for abort in self.answering.take().into_values() {
            abort.abort();
        }
        for waker in self.closing.take() {
            waker.wake();
        }
        // The host holds nothing of ours any more.
        self.table.close(&reason);
    }
}

/// The host, as the guest calls it.
impl Link for Connection {
    fn call(&self, number: u32, call: Call) -> Answer {
        // What is lent to nobody would never come back.
        if let Some(reason) = &*self.closed.borrow() {
            return Answer::Failed(reason.clone());
        }
        let handles = match self.table.lend_message(&call.params) {
            Ok(handles) => handles,
            Err(error) => return Answer::Failed(error),
        };
        let flags = if call.streaming { STREAMING } else { 0 };
        match imports::call(number, call.interface, call.method, flags, &call.params, &handles) {
            Outcome::Done(segments, handles) => match self.table.receive_all(handles) {
                Ok(caps) => self.done(Message::from_words(segments, caps)),
                Err(error) => Answer::Failed(error),
            },
            Outcome::Failed(error) => Answer::Failed(error),
            Outcome::Pending(id) => self.pending(id),
        }
    }

    fn release(&self, number: u32, count: u32) {
        self.table.forget(number);
        if count > 0 {
            self.releases.add(number, count);
        }
    }
}

impl Connection {
    fn done(&self, message: Message) -> Answer {
        if !self.releases.are_many() {
            return Answer::Done(message);
        }
        Answer::Pending(Pending::new(async {
            connection().releases.rest().await;
            Ok(message)
        }))
    }

    fn pending(&self, id: u32) -> Answer {
        let waiting = Rc::new(Waiting { id, outcome: RefCell::default(), waker: RefCell::default() });
        self.calls.borrow_mut().insert(id, waiting.clone());
        let answer = Answering(waiting.clone());
        Answer::Pending(Pending::new(answer).with_early(waiting))
    }
}

/// A call whose answer has not come.
struct Waiting {
    id: u32,
    outcome: RefCell<Option<capnp::Result<Message>>>,
    waker: RefCell<Option<Waker>>,
}

impl Waiting {
    fn set(&self, outcome: capnp::Result<Message>) {
        self.outcome.replace(Some(outcome));
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

/// The host holds back what is called on an answer that has not come.
impl EarlyPipeline for Waiting {
    fn cap(&self, ops: &[PipelineOp]) -> Option<Box<dyn ClientHook>> {
        match &*self.outcome.borrow() {
            Some(Ok(message)) => Some(message.cap_at(ops)),
            Some(Err(error)) => Some(broken_client(error.clone())),
            None => {
                let handle = imports::pipelined(self.id, &path_of(ops));
                let received = connection().table.receive_all([handle]);
                let cap = received.map(|mut caps| caps.pop().flatten());
                Some(
                    cap.ok().flatten().unwrap_or_else(|| {
                        broken_client(Error::overloaded("the host cannot lend this capability".into()))
                    }),
                )
            }
        }
    }
}

/// The answer of the host. Dropping it gives up the call.
struct Answering(Rc<Waiting>);

impl Future for Answering {
    type Output = capnp::Result<Message>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.0.outcome.take() {
            Some(outcome) => Poll::Ready(outcome),
            None => {
                self.0.waker.replace(Some(context.waker().clone()));
                Poll::Pending
            }
        }
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        let connection = connection();
        let mut calls = connection.calls.borrow_mut();
        // Another call may have got the id since this one ended.
        if calls.get(&self.0.id).is_some_and(|waiting| Rc::ptr_eq(waiting, &self.0)) {
            calls.remove(&self.0.id);
            imports::cancel(self.0.id);
        }
    }
}
