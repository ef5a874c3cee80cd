//! Calls into a guest that it has not answered.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use capnp::Error;
use slab::Slab;
use ww_call::{Message, Pending};

use super::connection::Calls;
use crate::limits::{CALLS, CellLimits};

/// The bounds of calls into a guest.
#[derive(Debug, Clone, Copy)]
pub struct Answers {
    /// How many may be outstanding.
    pub calls: usize,
    /// How long each may take, where that is limited.
    pub time: Option<Duration>,
}

impl Answers {
    /// Those of a cell.
    pub(crate) fn of(limits: &CellLimits) -> Self {
        Self { calls: limits.calls.min(CALLS), time: limits.answer }
    }
}

/// The calls into one guest that are outstanding.
pub(super) struct Incoming {
    calls: RefCell<Slab<Stage>>,
    /// Calls whose cancellation waits in the guest's events.
    cancelled: RefCell<Vec<u32>>,
    /// Those whose cancellation was in the last events that the guest fetched.
    told: RefCell<Vec<u32>>,
    connection: Weak<Calls>,
    bounds: Answers,
}

enum Stage {
    Waiting(Rc<Reply>),
    /// Nobody wants the answer. The id is taken until the guest knows.
    Cancelled,
}

#[derive(Default)]
struct Reply {
    outcome: RefCell<Option<capnp::Result<Message>>>,
    waker: RefCell<Option<Waker>>,
}

impl Reply {
    fn set(&self, outcome: capnp::Result<Message>) {
        self.outcome.replace(Some(outcome));
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

impl Incoming {
    pub(super) fn new(connection: Weak<Calls>, bounds: Answers) -> Self {
        let (calls, cancelled, told) = Default::default();
        Self { calls, cancelled, told, connection, bounds }
    }

    /// An id for a call, and its answer.
    pub(super) fn start(&self) -> capnp::Result<(u32, Pending)> {
        let mut calls = self.calls.borrow_mut();
        let Answers { calls: most, time } = self.bounds;
        if calls.len() >= most {
            return Err(Error::overloaded(format!("this guest has {most} calls to answer, which is the limit")));
        }
        let reply = Rc::new(Reply::default());
        let id = calls.insert(Stage::Waiting(reply.clone())) as u32;
        let answer = Answering { id, reply, connection: self.connection.clone(), answered: false };
        let pending = match time {
            None => Pending::new(answer),
            Some(time) => Pending::new(answer.within(time)),
        };
        Ok((id, pending))
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.calls.borrow().len()
    }

    /// Forgets a call that was never sent.
    pub(super) fn forget(&self, id: u32) {
        self.calls.borrow_mut().try_remove(id as usize);
    }

    /// The guest answers a call. An answer that nobody waits for is dropped.
    pub(super) fn answer(&self, id: u32, outcome: capnp::Result<Message>) {
        let stage = self.calls.borrow_mut().try_remove(id as usize);
        if let Some(Stage::Waiting(reply)) = stage {
            reply.set(outcome);
        }
    }

    /// Whether the caller has gone away; the call is cancelled then.
    fn cancel(&self, id: u32) -> bool {
        let mut calls = self.calls.borrow_mut();
        match calls.get_mut(id as usize) {
            Some(stage @ Stage::Waiting(_)) => {
                *stage = Stage::Cancelled;
                self.cancelled.borrow_mut().push(id);
                true
            }
            _ => false,
        }
    }

    /// The guest fetches its events.
    pub(super) fn tell(&self) {
        self.told.borrow_mut().append(&mut self.cancelled.borrow_mut());
    }

    /// The guest is done with the events that it fetched: it knows what was cancelled in them.
    pub(super) fn forget_told(&self) {
        for id in self.told.take() {
            let mut calls = self.calls.borrow_mut();
            // It may have answered before it knew, and the id may belong to another call by now.
            if matches!(calls.get(id as usize), Some(Stage::Cancelled)) {
                calls.remove(id as usize);
            }
        }
    }

    pub(super) fn fail_all(&self, reason: &Error) {
        let calls = std::mem::take(&mut *self.calls.borrow_mut());
        for (_, stage) in calls {
            if let Stage::Waiting(reply) = stage {
                reply.set(Err(reason.clone()));
            }
        }
    }
}

/// The answer of a guest. Dropping it cancels the call.
struct Answering {
    id: u32,
    reply: Rc<Reply>,
    connection: Weak<Calls>,
    answered: bool,
}

impl Answering {
    /// Waits no longer than `time`. The call is cancelled then.
    async fn within(self, time: Duration) -> capnp::Result<Message> {
        tokio::time::timeout(time, self).await.unwrap_or_else(|_| {
            let time = humantime::format_duration(time);
            Err(Error::failed(format!("no answer within {time}, which is the limit")))
        })
    }
}

impl Future for Answering {
    type Output = capnp::Result<Message>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.reply.outcome.take() {
            Some(outcome) => {
                self.answered = true;
                Poll::Ready(outcome)
            }
            None => {
                self.reply.waker.replace(Some(context.waker().clone()));
                Poll::Pending
            }
        }
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        // With the answer there, its id may already be another call's.
        if self.answered || self.reply.outcome.borrow().is_some() {
            return;
        }
        if let Some(connection) = self.connection.upgrade()
            && connection.incoming.cancel(self.id)
        {
            connection.event(|events| events.cancelled(self.id));
        }
    }
}
