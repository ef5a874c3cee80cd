//! A capability that fails every call.

use std::any::Any;
use std::rc::Rc;

use capnp::Error;
use capnp::capability::FromClientHook;

use crate::proxy::Proxy;
use crate::target::{Answer, Call, Target};

/// Fails every call with the same error.
pub struct Broken(Error);

impl Target for Broken {
    fn call(&self, _call: Call) -> Answer {
        Answer::Failed(self.0.clone())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A client on which every call fails with `error`.
pub fn broken_client<C: FromClientHook>(error: Error) -> C {
    Proxy::client(Rc::new(Broken(error)))
}
