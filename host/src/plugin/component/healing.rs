//! A provider's capability by its name, whichever instance serves it.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use capnp::Error;
use capnp::private::capability::ClientHook;
use membrane::Caller;
use ww_call::{Answer, Call, Deferred, Target, target};

use super::supervisor::Component;

/// What a caller holds of a component by its name: its calls go to the instance that is there. Where that is another one
/// than before, the caller is attached to it first; calls wait for that, in order.
pub(super) struct Healing {
    component: Rc<Component>,
    caller: Caller,
    attached: Rc<RefCell<Attached>>,
}

struct Attached {
    /// How many instances had ended before the one that this is of; none where it is to be attached anew.
    generation: Option<u64>,
    target: Rc<dyn Target>,
}

impl Healing {
    pub(super) fn new(component: Rc<Component>, caller: Caller, generation: u64, cap: Box<dyn ClientHook>) -> Rc<Self> {
        let attached = Attached { generation: Some(generation), target: target(cap) };
        Rc::new(Self { component, caller, attached: Rc::new(RefCell::new(attached)) })
    }

    /// What calls go to now.
    fn present(&self) -> Rc<dyn Target> {
        let generation = Some(self.component.generation());
        if self.attached.borrow().generation != generation {
            let target = target(Deferred::client_of(self.attaching(generation)));
            // What was there may be the last that holds anything.
            let _was = self.attached.replace(Attached { generation, target });
        }
        self.attached.borrow().target.clone()
    }

    fn attaching(&self, generation: Option<u64>) -> impl Future<Output = Result<Box<dyn ClientHook>, Error>> + use<> {
        let (component, caller, attached) =
            (self.component.clone(), self.caller.clone(), Rc::downgrade(&self.attached));
        async move {
            let outcome = component.attach_once(&caller).await;
            if let (Err(_), Some(attached)) = (&outcome, attached.upgrade()) {
                let mut attached = attached.borrow_mut();
                if attached.generation == generation {
                    // The next call tries again.
                    attached.generation = None;
                }
            }
            outcome
        }
    }
}

impl Target for Healing {
    fn call(&self, call: Call) -> Answer {
        self.present().call(call)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
