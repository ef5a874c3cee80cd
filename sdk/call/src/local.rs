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
    streaming: Cell<bool>,
    /// Somebody is working through the queue.
    draining: Cell<bool>,
    failed: RefCell<Option<Error>>,
    queue: Rc<RefCell<Queue<Blocked>>>,
}

impl<S: Server + Clone + 'static> Object<S> {
    fn new(server: S) -> Self {
        Self {
            server,
            streaming: Cell::new(false),
            draining: Cell::new(false),
            failed: RefCell::default(),
            queue: Rc::default(),
        }
    }

    fn call(self: &Rc<Self>, call: Call, results: Box<ResultsEnd>) -> Promise<(), Error> {
        if !self.streaming.get() && !self.draining.get() {
            return self.dispatch(call, results);
        }
        let blocked = Rc::new(Blocked(RefCell::new(Stage::Waiting { call, results, waker: None })));
        self.queue.borrow_mut().push(blocked.clone());
        Promise::from_future(Unblocking { blocked, queue: self.queue.clone() })
    }

    fn dispatch(self: &Rc<Self>, call: Call, results: Box<ResultsEnd>) -> Promise<(), Error> {
        if let Some(error) = &*self.failed.borrow() {
            return Promise::err(error.clone());
        }
        let params = Params::new(Box::new(ParamsEnd(call.params)));
        let dispatched = self.server.clone().dispatch_call(call.interface, call.method, params, Results::new(results));
        if !dispatched.is_streaming {
            return dispatched.promise;
        }
        self.streaming.set(true);
        Promise::from_future(Streaming { promise: dispatched.promise, object: self.clone(), ended: false })
    }

    /// A streaming call has ended: starts the calls that wait, up to the next streaming one.
    fn go_on(self: &Rc<Self>) {
        self.streaming.set(false);
        // A queued call that ends at once comes here again, from inside the loop below, which goes on anyway.
        if self.draining.replace(true) {
            return;
        }
        while !self.streaming.get() {
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
struct Unblocking {
    blocked: Rc<Blocked>,
    queue: Rc<RefCell<Queue<Blocked>>>,
}

impl Future for Unblocking {
    type Output = Result<(), Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut stage = self.blocked.0.replace(Stage::Over);
        let poll = match &mut stage {
            Stage::Waiting { waker, .. } => {
                *waker = Some(context.waker().clone());
                Poll::Pending
            }
            Stage::Started(promise) => Pin::new(promise).poll(context),
            Stage::Over => Poll::Ready(Err(Error::failed("the call is over".into()))),
        };
        if poll.is_pending() {
            self.blocked.0.replace(stage);
        }
        poll
    }
}

impl Drop for Unblocking {
    fn drop(&mut self) {
        let stage = self.blocked.0.replace(Stage::Over);
        if matches!(stage, Stage::Waiting { .. }) {
            self.queue.borrow_mut().given_up(Blocked::is_over);
        }
        drop(stage);
    }
}

/// A streaming call. Its end, also by being dropped, lets the calls behind it go.
struct Streaming<S: Server + Clone + 'static> {
    promise: Promise<(), Error>,
    object: Rc<Object<S>>,
    ended: bool,
}

// Nothing in it is pinned: the promise is not, and the rest is plain data.
impl<S: Server + Clone + 'static> Unpin for Streaming<S> {}

impl<S: Server + Clone + 'static> Future for Streaming<S> {
    type Output = Result<(), Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let polled = shield(|| Pin::new(&mut self.promise).poll(context));
        let result = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(result)) => result,
            Err(panicked) => Err(panicked),
        };
        if let Err(error) = &result {
            self.object.failed.replace(Some(error.clone()));
        }
        self.ended = true;
        self.object.go_on();
        Poll::Ready(result)
    }
}

impl<S: Server + Clone + 'static> Drop for Streaming<S> {
    fn drop(&mut self) {
        if !self.ended {
            self.object.go_on();
        }
    }
}
