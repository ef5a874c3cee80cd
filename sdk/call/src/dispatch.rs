//! Serving a call: the hooks that a server reads parameters from and writes results to.

use std::cell::RefCell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use capnp::any_pointer;
use capnp::capability::Promise;
use capnp::private::capability::{ClientHook, ParamsHook, PipelineHook, PipelineOp, RequestHook, ResultsHook};
use capnp::{Error, MessageSize};

use crate::message::Message;
use crate::pending::{EarlyPipeline, Pending};
use crate::target::Answer;

/// The parameters of a call, as its server sees them.
pub(crate) struct ParamsEnd(pub(crate) Message);

impl ParamsHook for ParamsEnd {
    fn get(&self) -> capnp::Result<any_pointer::Reader<'_>> {
        self.0.root()
    }
}

/// Where a server's results arrive: when it drops the hook that it wrote them to.
#[derive(Default)]
pub(crate) struct ResultsSlot {
    state: RefCell<SlotState>,
}

#[derive(Default)]
struct SlotState {
    message: Option<Message>,
    early: Option<Rc<Message>>,
    waker: Option<Waker>,
}

impl EarlyPipeline for ResultsSlot {
    fn cap(&self, ops: &[PipelineOp]) -> Option<Box<dyn ClientHook>> {
        let early = self.state.borrow().early.clone()?;
        Some(early.cap_at(ops))
    }
}

impl ResultsSlot {
    fn poll(&self, context: &Context<'_>) -> Poll<Message> {
        let mut state = self.state.borrow_mut();
        match state.message.take() {
            Some(message) => Poll::Ready(message),
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }

    fn fill(&self, message: Message) {
        let waker = {
            let mut state = self.state.borrow_mut();
            state.message = Some(message);
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// The results of a call, as its server writes them.
pub(crate) struct ResultsEnd {
    /// From the moment on when the server writes.
    message: Option<Message>,
    slot: Rc<ResultsSlot>,
}

impl ResultsEnd {
    pub(crate) fn new(slot: Rc<ResultsSlot>) -> Self {
        Self { message: None, slot }
    }

    fn message(&mut self) -> &mut Message {
        self.message.get_or_insert_default()
    }
}

impl Drop for ResultsEnd {
    fn drop(&mut self) {
        self.slot.fill(self.message.take().unwrap_or_default());
    }
}

impl ResultsHook for ResultsEnd {
    fn get(&mut self) -> capnp::Result<any_pointer::Builder<'_>> {
        self.message().builder()
    }

    fn set_pipeline(&mut self) -> capnp::Result<()> {
        let early = Rc::new(self.message().duplicate()?);
        self.slot.state.borrow_mut().early = Some(early);
        Ok(())
    }

    /// Calls of ours can always be cancelled.
    fn allow_cancellation(&self) {}

    fn tail_call(self: Box<Self>, request: Box<dyn RequestHook>) -> Promise<(), Error> {
        self.direct_tail_call(request).0
    }

    fn direct_tail_call(
        mut self: Box<Self>,
        request: Box<dyn RequestHook>,
    ) -> (Promise<(), Error>, Box<dyn PipelineHook>) {
        let answer = request.send();
        let promise = answer.promise;
        let forwarded = Promise::from_future(async move {
            let response = promise.await?;
            self.message().builder()?.set_as(response.get()?)
        });
        (forwarded, answer.pipeline.hook)
    }
}

/// A call that a server is working on.
///
/// A panic of the server's, wherever it happens, is an error of this call.
pub(crate) struct Serving {
    promise: Option<Promise<(), Error>>,
    slot: Rc<ResultsSlot>,
}

impl Serving {
    /// Starts a call with `dispatch`, polls it once in place, and answers with what came of it.
    pub(crate) fn start(dispatch: impl FnOnce(Box<ResultsEnd>) -> Promise<(), Error>) -> Answer {
        let slot = Rc::new(ResultsSlot::default());
        let results = Box::new(ResultsEnd::new(slot.clone()));
        let promise = match shield(|| dispatch(results)) {
            Ok(promise) => promise,
            Err(error) => return Answer::Failed(error),
        };
        let mut serving = Self { promise: Some(promise), slot };
        // Whoever gets a pending answer polls it again with a waker that counts.
        match Pin::new(&mut serving).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => result.into(),
            Poll::Pending => {
                let early = serving.slot.clone();
                Answer::Pending(Pending::new(serving).with_early(early))
            }
        }
    }
}

impl Future for Serving {
    type Output = capnp::Result<Message>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(promise) = &mut self.promise {
            match shield(|| Pin::new(promise).poll(context)) {
                Ok(Poll::Pending) => return Poll::Pending,
                Ok(Poll::Ready(Ok(()))) => self.drop_promise(),
                Ok(Poll::Ready(Err(error))) | Err(error) => {
                    self.drop_promise();
                    return Poll::Ready(Err(error));
                }
            }
        }
        // The server may have handed its results to somebody who still writes them.
        self.slot.poll(context).map(Ok)
    }
}

impl Serving {
    fn drop_promise(&mut self) {
        let promise = self.promise.take();
        // Dropping runs the server's code. Its error, if any, has nobody left to go to.
        let _ = shield(|| drop(promise));
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.drop_promise();
    }
}

/// Runs a server's code; its panic becomes an error.
///
/// # Errors
/// `failed`, with the panic's message.
pub fn shield<R>(run: impl FnOnce() -> R) -> capnp::Result<R> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|panic| {
        let text = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "no message".into());
        Error::failed(format!("the server panicked: {text}"))
    })
}

/// How large a copy of `message` will be.
pub(crate) fn size_of(message: &Message) -> Option<MessageSize> {
    message.root().and_then(|root| root.target_size()).ok()
}
