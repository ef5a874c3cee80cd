//! Sinks.

use std::cell::RefCell;
use std::rc::Rc;

use capnp::Error;

use super::census::Alive;
use super::{Shared, error};
use crate::conformance_capnp::sink;
use crate::turns::turns;

/// Is written to, slowly.
pub struct Sink {
    taken: RefCell<Vec<u32>>,
    shared: Rc<Shared>,
    _alive: Alive,
}

impl Sink {
    pub(super) fn new(shared: Rc<Shared>) -> Self {
        let alive = shared.counts.object();
        Self { taken: RefCell::default(), shared, _alive: alive }
    }
}

impl sink::Server for Sink {
    async fn write(self: Rc<Self>, params: sink::WriteParams) -> Result<(), Error> {
        let number = params.get()?.get_number();
        self.shared.counts.call(turns(number & 3)).await;
        self.taken.borrow_mut().push(number);
        Ok(())
    }

    async fn write_when(self: Rc<Self>, params: sink::WriteWhenParams) -> Result<(), Error> {
        let params = params.get()?;
        self.shared.counts.call(self.shared.gates.passed(params.get_gate())).await;
        self.taken.borrow_mut().push(params.get_number());
        Ok(())
    }

    async fn refuse(self: Rc<Self>, params: sink::RefuseParams) -> Result<(), Error> {
        let params = params.get()?;
        turns(1).await;
        Err(error(params.get_kind()?, params.get_text()?.to_string()?))
    }

    async fn end(self: Rc<Self>, _params: sink::EndParams, mut results: sink::EndResults) -> Result<(), Error> {
        results.get().set_numbers(self.taken.borrow().as_slice())
    }
}
