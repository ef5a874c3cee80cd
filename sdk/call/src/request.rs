//! A call that is being put together, and the answer that its caller gets.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use capnp::any_pointer;
use capnp::capability::{Promise, RemotePromise, Response};
use capnp::private::capability::{ClientHook, PipelineHook, PipelineOp, RequestHook, ResponseHook};
use capnp::{Error, MessageSize};

use crate::broken::broken_client;
use crate::limits::MAX_MESSAGE_WORDS;
use crate::message::Message;
use crate::pending::PendingCall;
use crate::target::{Answer, Call, Target};

/// A request on a [`Target`].
pub(crate) struct CallRequest {
    target: Rc<dyn Target>,
    interface: u64,
    method: u16,
    params: Message,
}

impl CallRequest {
    pub(crate) fn new(target: Rc<dyn Target>, interface: u64, method: u16, size: Option<MessageSize>) -> Self {
        let params = match size {
            // A hint is a hint: whoever exaggerates gets a second segment.
            Some(size) => Message::with_first_segment(first_segment(size.word_count)),
            None => Message::new(),
        };
        Self { target, interface, method, params }
    }

    fn make(self, streaming: bool) -> Answer {
        let Self { target, interface, method, params } = self;
        target.call(Call { interface, method, streaming, params })
    }
}

/// The words of a first segment, for a message of about `words`.
fn first_segment(words: u64) -> u32 {
    u32::try_from(words.saturating_add(1)).unwrap_or(u32::MAX).min(MAX_MESSAGE_WORDS as u32)
}

impl RequestHook for CallRequest {
    fn get(&mut self) -> any_pointer::Builder<'_> {
        // The message is ours and was made for writing, so there is nothing that could fail here.
        self.params.builder().expect("a message that is being built can be written")
    }

    fn get_brand(&self) -> usize {
        0
    }

    fn send(self: Box<Self>) -> RemotePromise<any_pointer::Owned> {
        match self.make(false) {
            // Nearly every answer: nothing can be pipelined on it, so nobody but the response holds it.
            Answer::Done(message) if message.caps().is_empty() => {
                let response = Response::new(Box::new(Whole(message)) as Box<dyn ResponseHook>);
                remote(Promise::ok(response), NoCapabilities)
            }
            Answer::Done(message) => {
                let message = Rc::new(message);
                let response = Response::new(Box::new(Answered(message.clone())) as Box<dyn ResponseHook>);
                remote(Promise::ok(response), Settled(Ok(message)))
            }
            Answer::Failed(error) => remote(Promise::err(error.clone()), Settled(Err(error))),
            Answer::Pending(pending) => {
                let call = PendingCall::new(pending);
                remote(Promise::from_future(Answering(call.clone())), Waiting(call))
            }
        }
    }

    fn send_streaming(self: Box<Self>) -> Promise<(), Error> {
        match self.make(true) {
            Answer::Done(_) => Promise::ok(()),
            Answer::Failed(error) => Promise::err(error),
            Answer::Pending(pending) => {
                let call = PendingCall::new(pending);
                Promise::from_future(async move { call.answer().await.map(|_| ()) })
            }
        }
    }

    /// Only an RPC connection can take over a call of its own.
    fn tail_send(self: Box<Self>) -> Option<(u32, Promise<(), Error>, Box<dyn PipelineHook>)> {
        None
    }
}

fn remote(
    promise: Promise<Response<any_pointer::Owned>, Error>,
    pipeline: impl PipelineHook + 'static,
) -> RemotePromise<any_pointer::Owned> {
    RemotePromise { promise, pipeline: any_pointer::Pipeline::new(Box::new(pipeline)) }
}

/// An answer without capabilities that has come.
struct Whole(Message);

impl ResponseHook for Whole {
    fn get(&self) -> capnp::Result<any_pointer::Reader<'_>> {
        self.0.root()
    }
}

/// Its pipeline.
struct NoCapabilities;

impl PipelineHook for NoCapabilities {
    fn add_ref(&self) -> Box<dyn PipelineHook> {
        Box::new(Self)
    }

    fn get_pipelined_cap(&self, _ops: &[PipelineOp]) -> Box<dyn ClientHook> {
        broken_client(Error::failed("the answer holds no capability".into()))
    }
}

/// An answer that has come.
struct Answered(Rc<Message>);

impl ResponseHook for Answered {
    fn get(&self) -> capnp::Result<any_pointer::Reader<'_>> {
        self.0.root()
    }
}

/// The promise of an answer.
struct Answering(Rc<PendingCall>);

impl Future for Answering {
    type Output = capnp::Result<Response<any_pointer::Owned>>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll(context).map_ok(|message| Response::new(Box::new(Answered(message))))
    }
}

/// The pipeline of a call that has ended.
#[derive(Clone)]
struct Settled(capnp::Result<Rc<Message>>);

impl PipelineHook for Settled {
    fn add_ref(&self) -> Box<dyn PipelineHook> {
        Box::new(self.clone())
    }

    fn get_pipelined_cap(&self, ops: &[PipelineOp]) -> Box<dyn ClientHook> {
        match &self.0 {
            Ok(message) => message.cap_at(ops),
            Err(error) => broken_client(error.clone()),
        }
    }
}

/// The pipeline of a call that is pending.
struct Waiting(Rc<PendingCall>);

impl PipelineHook for Waiting {
    fn add_ref(&self) -> Box<dyn PipelineHook> {
        Box::new(Self(self.0.clone()))
    }

    fn get_pipelined_cap(&self, ops: &[PipelineOp]) -> Box<dyn ClientHook> {
        self.0.pipelined(ops)
    }
}
