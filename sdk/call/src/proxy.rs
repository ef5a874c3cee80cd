//! A Cap'n Proto client over any target.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use capnp::any_pointer;
use capnp::capability::{FromClientHook, Promise, Request};
use capnp::private::capability::{ClientHook, ParamsHook, ResultsHook};
use capnp::{Error, MessageSize};

use crate::foreign::resolved;
use crate::message::Message;
use crate::pending::PendingCall;
use crate::request::CallRequest;
use crate::target::{Answer, Call, Target};
use crate::wire::crossing;

thread_local! {
    /// Set while somebody asks a proxy for its target, see [`target_of`].
    static ASKING: Cell<bool> = const { Cell::new(false) };
    static TARGET: RefCell<Option<Rc<dyn Target>>> = const { RefCell::new(None) };
}

/// The brand that all our hooks carry. The RPC system compares brands to recognise its own imports, so ours must be one
/// that it cannot have: the address of something that is ours.
fn brand() -> usize {
    static BRAND: u8 = 0;
    std::ptr::from_ref(&BRAND) as usize
}

/// An ordinary Cap'n Proto client hook over a [`Target`].
#[derive(Clone)]
pub struct Proxy(Rc<dyn Target>);

impl Proxy {
    /// A typed client of `target`.
    pub fn client<C: FromClientHook>(target: Rc<dyn Target>) -> C {
        C::new(Self::hook(target))
    }

    /// An untyped client of `target`.
    pub fn hook(target: Rc<dyn Target>) -> Box<dyn ClientHook> {
        Box::new(Self(target))
    }
}

/// The target under a hook of ours; `None` under anybody else's.
///
/// There is no downcast from a client hook. A proxy that is asked for its resolution while `ASKING` is set hands over
/// its target instead; nobody but this function sets it, and only for hooks with our brand.
pub fn target_of(hook: &dyn ClientHook) -> Option<Rc<dyn Target>> {
    if hook.get_brand() != brand() {
        return None;
    }
    ASKING.set(true);
    hook.get_resolved();
    ASKING.set(false);
    TARGET.take()
}

impl ClientHook for Proxy {
    fn add_ref(&self) -> Box<dyn ClientHook> {
        Box::new(self.clone())
    }

    fn new_call(
        &self,
        interface_id: u64,
        method_id: u16,
        size_hint: Option<MessageSize>,
    ) -> Request<any_pointer::Owned, any_pointer::Owned> {
        Request::new(Box::new(CallRequest::new(self.0.clone(), interface_id, method_id, size_hint)))
    }

    /// Somebody else's library calls, such as an RPC connection: this is a border, with the bounds of all borders.
    fn call(
        &self,
        interface_id: u64,
        method_id: u16,
        params: Box<dyn ParamsHook>,
        mut results: Box<dyn ResultsHook>,
    ) -> Promise<(), Error> {
        let copied = params.get().and_then(Message::copy_of);
        drop(params);
        let params = match copied.and_then(checked) {
            Ok(params) => params,
            Err(error) => return Promise::err(error),
        };
        let call = Call { interface: interface_id, method: method_id, streaming: false, params };
        match self.0.call(call) {
            Answer::Done(message) => Promise::from(copy_into(&message, &mut *results)),
            Answer::Failed(error) => Promise::err(crossing(&error)),
            Answer::Pending(pending) => {
                let call = PendingCall::new(pending);
                Promise::from_future(async move {
                    let message = call.answer().await.map_err(|error| crossing(&error))?;
                    copy_into(&message, &mut *results)
                })
            }
        }
    }

    fn get_brand(&self) -> usize {
        brand()
    }

    fn get_ptr(&self) -> usize {
        self.0.clone().identity()
    }

    fn get_resolved(&self) -> Option<Box<dyn ClientHook>> {
        if ASKING.get() {
            TARGET.set(Some(self.0.clone()));
            return None;
        }
        self.0.resolved()
    }

    fn when_more_resolved(&self) -> Option<Promise<Box<dyn ClientHook>, Error>> {
        self.0.when_resolved()
    }

    fn when_resolved(&self) -> Promise<(), Error> {
        let hook = self.add_ref();
        Promise::from_future(async move { resolved(hook).await.map(drop) })
    }
}

fn checked(message: Message) -> capnp::Result<Message> {
    message.check().map(|()| message)
}

fn copy_into(message: &Message, results: &mut dyn ResultsHook) -> capnp::Result<()> {
    message.check()?;
    results.get()?.set_as(message.root()?)
}
