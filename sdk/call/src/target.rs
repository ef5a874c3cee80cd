//! What can be called with a message.

use std::any::Any;
use std::rc::Rc;

use capnp::Error;
use capnp::private::capability::ClientHook;

use crate::deferred::Awaited;
use crate::message::Message;
use crate::pending::Pending;

/// One call: which method, with what.
pub struct Call {
    /// The id of the interface that declares the method.
    pub interface: u64,
    /// The method's number in its interface.
    pub method: u16,
    /// Whether the method is declared `-> stream`: its acknowledgement is the back-pressure.
    pub streaming: bool,
    /// The parameters.
    pub params: Message,
}

/// What a call comes to.
pub enum Answer {
    /// The results; nobody had to wait.
    Done(Message),
    /// The call failed.
    Failed(Error),
    /// The answer comes later. The holder polls the future at least once more, or drops it to cancel the call.
    Pending(Pending),
}

impl From<capnp::Result<Message>> for Answer {
    fn from(result: capnp::Result<Message>) -> Self {
        match result {
            Ok(message) => Self::Done(message),
            Err(error) => Self::Failed(error),
        }
    }
}

/// An object that can be called. It lives on one thread.
///
/// Calls arrive in the order in which [`Target::call`] is called, and are dispatched before it returns. An
/// implementation neither blocks nor calls back into its caller's state: callers may be in the middle of something.
pub trait Target: 'static {
    /// Makes a call.
    fn call(&self, call: Call) -> Answer;

    /// The capability that this one turned out to be, where it was a promise and is settled now.
    ///
    /// Who keeps a capability may replace it by this one for good.
    fn resolved(&self) -> Option<Box<dyn ClientHook>> {
        None
    }

    /// A promise for what [`Target::resolved`] will return, where this is a promise that is not settled yet.
    ///
    /// `None` says that this is a settled capability, or that nobody will ever know better.
    fn when_resolved(&self) -> Option<capnp::capability::Promise<Box<dyn ClientHook>, Error>> {
        None
    }

    /// The promise that calls on this target wait for, where there is one. A target that passes its calls on to another one
    /// says what that one says: so a promise finds out that it would be resolved to itself, or to too long a row.
    fn awaits(&self) -> Option<Awaited> {
        None
    }

    /// This object as itself, so that the layer that made it can recognise it.
    fn as_any(&self) -> &dyn Any;

    /// The identity under which two references to this object are the same, where that is another than its address.
    fn identity(self: Rc<Self>) -> usize {
        Rc::as_ptr(&self).cast::<()>() as usize
    }
}
