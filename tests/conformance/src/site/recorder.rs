//! Recorders.

use std::cell::RefCell;
use std::rc::Rc;

use capnp::Error;

use super::Shared;
use super::census::Alive;
use crate::conformance_capnp::recorder;

/// Remembers the order of its calls.
pub struct Recorder {
    numbers: RefCell<Vec<u32>>,
    shared: Rc<Shared>,
    _alive: Alive,
}

impl Recorder {
    pub(super) fn new(shared: Rc<Shared>) -> Self {
        let alive = shared.counts.object();
        Self { numbers: RefCell::default(), shared, _alive: alive }
    }
}

impl recorder::Server for Recorder {
    async fn record(
        self: Rc<Self>,
        params: recorder::RecordParams,
        _results: recorder::RecordResults,
    ) -> Result<(), Error> {
        self.numbers.borrow_mut().push(params.get()?.get_number());
        Ok(())
    }

    async fn record_when(
        self: Rc<Self>,
        params: recorder::RecordWhenParams,
        _results: recorder::RecordWhenResults,
    ) -> Result<(), Error> {
        let params = params.get()?;
        self.numbers.borrow_mut().push(params.get_number());
        self.shared.counts.call(self.shared.gates.passed(params.get_gate())).await;
        Ok(())
    }

    async fn recorded(
        self: Rc<Self>,
        _params: recorder::RecordedParams,
        mut results: recorder::RecordedResults,
    ) -> Result<(), Error> {
        results.get().set_numbers(self.numbers.borrow().as_slice())
    }
}
