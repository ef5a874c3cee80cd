//! Targets made of clients that are not ours.

use std::any::Any;
use std::rc::Rc;

use capnp::Error;
use capnp::capability::Promise;
use capnp::private::capability::{ClientHook, PipelineHook, PipelineOp};

use crate::dispatch::{ParamsEnd, Serving, size_of};
use crate::message::Message;
use crate::pending::{EarlyPipeline, Pending};
use crate::proxy::target_of;
use crate::target::{Answer, Call, Target};

/// The brand of the Cap'n Proto library's hooks that belong to no connection.
const LOCAL_BRAND: usize = 0;

/// What can be called under any client: its own target where the client is ours, otherwise one that calls it.
///
/// A promise that is settled is replaced by what it turned out to be.
pub fn target(hook: Box<dyn ClientHook>) -> Rc<dyn Target> {
    settle(hook).1
}

/// The client that `hook` has turned out to be, and what can be called under it.
pub fn settle(mut hook: Box<dyn ClientHook>) -> (Box<dyn ClientHook>, Rc<dyn Target>) {
    loop {
        let ours = target_of(&*hook);
        let resolved = match &ours {
            Some(target) => target.resolved(),
            None => hook.get_resolved(),
        };
        match (resolved, ours) {
            (Some(resolved), _) => hook = resolved,
            (None, Some(target)) => return (hook, target),
            (None, None) => return (hook.add_ref(), Rc::new(Foreign(hook))),
        }
    }
}

/// What a client turns out to be in the end, once that is known.
///
/// Asks a promise each time whether it is settled before it waits: one of the library's that is already settled would never
/// tell who comes to wait only then.
///
/// # Errors
/// Where a promise is broken.
pub async fn resolved(mut hook: Box<dyn ClientHook>) -> capnp::Result<Box<dyn ClientHook>> {
    loop {
        hook = settle(hook).0;
        match hook.when_more_resolved() {
            Some(resolution) => hook = resolution.await?,
            None => return Ok(hook),
        }
    }
}

struct Foreign(Box<dyn ClientHook>);

impl Target for Foreign {
    fn call(&self, call: Call) -> Answer {
        // Its promises and imports lose their pipeline when they are called directly.
        let settled = self.0.get_brand() == LOCAL_BRAND && self.0.when_more_resolved().is_none();
        if settled {
            return Serving::start(|results| {
                self.0.call(call.interface, call.method, Box::new(ParamsEnd(call.params)), results)
            });
        }
        self.request(call).unwrap_or_else(Answer::Failed)
    }

    fn resolved(&self) -> Option<Box<dyn ClientHook>> {
        self.0.get_resolved()
    }

    fn when_resolved(&self) -> Option<Promise<Box<dyn ClientHook>, Error>> {
        // Nobody is told any more of what has happened before.
        self.0.get_resolved().map(Promise::ok).or_else(|| self.0.when_more_resolved())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn identity(self: Rc<Self>) -> usize {
        self.0.get_ptr()
    }
}

impl Foreign {
    fn request(&self, call: Call) -> capnp::Result<Answer> {
        call.params.check()?;
        let mut request = self.0.new_call(call.interface, call.method, size_of(&call.params));
        request.hook.get().set_as(call.params.root()?)?;
        if call.streaming {
            let acknowledged = request.hook.send_streaming();
            return Ok(Answer::Pending(Pending::new(async move {
                acknowledged.await?;
                Ok(Message::new())
            })));
        }
        let sent = request.hook.send();
        let answer = async move { Message::copy_of(sent.promise.await?.get()?) };
        let pipeline = Rc::new(ForeignPipeline(sent.pipeline.hook));
        Ok(Answer::Pending(Pending::new(answer).with_early(pipeline)))
    }
}

/// A pipeline that sends calls on, as over a network, without waiting for the answer.
struct ForeignPipeline(Box<dyn PipelineHook>);

impl EarlyPipeline for ForeignPipeline {
    fn cap(&self, ops: &[PipelineOp]) -> Option<Box<dyn ClientHook>> {
        Some(self.0.get_pipelined_cap(ops))
    }

    /// Of an answer that is there, the library's pipeline panics at a place where nothing is.
    fn ends_with_the_answer(&self) -> bool {
        true
    }
}
