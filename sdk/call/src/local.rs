//! Targets made of servers that were generated from a schema.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use capnp::Error;
use capnp::capability::{FromServer, Params, Promise, Results, Server};

use crate::dispatch::{ParamsEnd, ResultsEnd, Serving, shield};
use crate::message::Message;
use crate::pending::{Pending, PendingCall};
use crate::proxy::Proxy;
use crate::queue::Queue;
use crate::target::{Answer, Call, Target};

/// A client of `server`, whose calls are dispatched when they are made.
///
/// The counterpart of `capnp_rpc::new_client`, without its tasks and copies.
pub fn new_client<C, S>(server: S) -> C
where
    C: FromServer<S>,
{
    new_client_from_rc(Rc::new(server))
}

/// As [`new_client`], for a server that others hold too.
pub fn new_client_from_rc<C, S>(server: Rc<S>) -> C
where
    C: FromServer<S>,
{
    Proxy::client(Rc::new(Local(Rc::new(Object::new(C::from_server(server))))))
}

struct Local<S>(Rc<Object<S>>);

impl<S: Server + Clone + 'static> Target for Local<S> {
    fn call(&self, call: Call) -> Answer {
        Serving::start(|results| self.0.call(call, results))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A server, and what its streaming calls mean for the calls after them: those wait until the streaming call has ended,
/// and once one has failed, they fail with its error.
struct Object<S> {
    server: S,
    /// A streaming call is being served.
    busy: Cell<bool>,
    /// That call, where it did not end at once.
    streaming: RefCell<Option<Rc<Running>>>,
    /// Somebody is working through the queue.
    draining: Cell<bool>,
    failed: RefCell<Option<Error>>,
    queue: RefCell<Queue<Blocked>>,
}

impl<S: Server + Clone + 'static> Object<S> {
    fn new(server: S) -> Self {
        Self {
            server,
            busy: Cell::new(false),
            streaming: RefCell::default(),
            draining: Cell::new(false),
            failed: RefCell::default(),
            queue: RefCell::default(),
        }
    }

    fn call(self: &Rc<Self>, call: Call, results: Box<ResultsEnd>) -> Promise<(), Error> {
        if !self.busy.get() && !self.draining.get() {
            return self.dispatch(call, results);
        }
        let blocked = Rc::new(Blocked(RefCell::new(Stage::Waiting { call, results, waker: None })));
        self.queue.borrow_mut().push(blocked.clone());
        Promise::from_future(Unblocking { blocked, object: self.clone() })
    }

    fn dispatch(self: &Rc<Self>, call: Call, results: Box<ResultsEnd>) -> Promise<(), Error> {
        if let Some(error) = &*self.failed.borrow() {
            return Promise::err(error.clone());
        }
        let params = Params::new(Box::new(ParamsEnd(call.params)));
        let dispatched = self.server.clone().dispatch_call(call.interface, call.method, params, Results::new(results));
        if dispatched.is_streaming { self.stream(dispatched.promise) } else { dispatched.promise }
    }

    /// Serves a streaming call.
    fn stream(self: &Rc<Self>, mut promise: Promise<(), Error>) -> Promise<(), Error> {
        self.busy.set(true);
        let polled = shield(|| Pin::new(&mut promise).poll(&mut Context::from_waker(Waker::noop())));
        match polled.unwrap_or_else(|panicked| Poll::Ready(Err(panicked))) {
            Poll::Ready(result) => {
                self.go_on(result.as_ref().err());
                Promise::from(result)
            }
            Poll::Pending => {
                let call = PendingCall::new(Pending::new(async move { promise.await.map(|()| Message::new()) }));
                let running = Rc::new(Running { call, watched: Cell::new(false) });
                self.streaming.replace(Some(running.clone()));
                Promise::from_future(Streaming { running, object: self.clone() })
            }
        }
    }

    /// Polls the streaming call that others wait for, where its own caller does not. Whether it has ended.
    fn drive(self: &Rc<Self>, context: &mut Context<'_>) -> bool {
        let streaming = self.streaming.borrow().clone();
        let Some(running) = streaming.filter(|running| !running.watched.get()) else { return false };
        match running.call.poll(context) {
            Poll::Pending => false,
            Poll::Ready(outcome) => {
                self.ended(&running, outcome.err().as_ref());
                true
            }
        }
    }

    /// A streaming call has ended, or was given up. Heard once.
    fn ended(self: &Rc<Self>, running: &Rc<Running>, error: Option<&Error>) {
        let is_current = self.streaming.borrow().as_ref().is_some_and(|current| Rc::ptr_eq(current, running));
        if is_current {
            let running = self.streaming.take();
            drop(running);
            self.go_on(error);
        }
    }

    /// The streaming call is over: starts the calls that wait, up to the next streaming one.
    fn go_on(self: &Rc<Self>, error: Option<&Error>) {
        if let Some(error) = error {
            self.failed.replace(Some(error.clone()));
        }
        self.busy.set(false);
        // A queued call that ends at once comes here again, from inside the loop below, which goes on anyway.
        if self.draining.replace(true) {
            return;
        }
        while !self.busy.get() {
            let Some(blocked) = self.queue.borrow_mut().pop() else { break };
            blocked.start(|call, results| self.dispatch(call, results));
        }
        self.draining.set(false);
    }
}

/// A call that waits for the streaming call before it.
struct Blocked(RefCell<Stage>);

enum Stage {
    Waiting {
        call: Call,
        results: Box<ResultsEnd>,
        waker: Option<Waker>,
    },
    Started(Promise<(), Error>),
    /// Its answer was taken, or nobody wants it any more.
    Over,
}

impl Blocked {
    fn is_over(&self) -> bool {
        matches!(*self.0.borrow(), Stage::Over)
    }

    /// Dispatches the call and polls it once, so that the order of the queue is the order in which servers see calls.
    fn start(&self, dispatch: impl FnOnce(Call, Box<ResultsEnd>) -> Promise<(), Error>) {
        let stage = self.0.replace(Stage::Over);
        let Stage::Waiting { call, results, waker } = stage else { return };
        let started = shield(|| {
            let mut promise = dispatch(call, results);
            match Pin::new(&mut promise).poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(result) => Promise::from(result),
                Poll::Pending => promise,
            }
        });
        self.0.replace(Stage::Started(started.unwrap_or_else(Promise::err)));
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// The answer to a call that waits for its turn. Dropping it takes the call out of the queue.
struct Unblocking<S> {
    blocked: Rc<Blocked>,
    object: Rc<Object<S>>,
}

impl<S: Server + Clone + 'static> Future for Unblocking<S> {
    type Output = Result<(), Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            let mut stage = self.blocked.0.replace(Stage::Over);
            let poll = match &mut stage {
                Stage::Waiting { waker, .. } => {
                    *waker = Some(context.waker().clone());
                    Poll::Pending
                }
                Stage::Started(promise) => Pin::new(promise).poll(context),
                Stage::Over => Poll::Ready(Err(Error::failed("the call is over".into()))),
            };
            if poll.is_ready() {
                return poll;
            }
            let waits = matches!(stage, Stage::Waiting { .. });
            self.blocked.0.replace(stage);
            if !waits || !self.object.drive(context) {
                return Poll::Pending;
            }
        }
    }
}

impl<S> Drop for Unblocking<S> {
    fn drop(&mut self) {
        let stage = self.blocked.0.replace(Stage::Over);
        if matches!(stage, Stage::Waiting { .. }) {
            self.object.queue.borrow_mut().given_up(Blocked::is_over);
        }
        drop(stage);
    }
}

/// A streaming call that has not ended.
struct Running {
    call: Rc<PendingCall>,
    /// Its caller polls it. Otherwise those who wait behind it do, or they would wait for ever.
    watched: Cell<bool>,
}

/// The answer to a streaming call. Its end, also by being dropped, lets the calls behind it go.
struct Streaming<S: Server + Clone + 'static> {
    running: Rc<Running>,
    object: Rc<Object<S>>,
}

impl<S: Server + Clone + 'static> Future for Streaming<S> {
    type Output = Result<(), Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if !context.waker().will_wake(Waker::noop()) {
            self.running.watched.set(true);
        }
        self.running.call.poll(context).map(|outcome| {
            self.object.ended(&self.running, outcome.as_ref().err());
            outcome.map(|_| ())
        })
    }
}

impl<S: Server + Clone + 'static> Drop for Streaming<S> {
    fn drop(&mut self) {
        self.object.ended(&self.running, None);
    }
}
