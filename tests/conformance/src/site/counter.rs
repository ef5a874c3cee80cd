//! Counters.

use std::cell::Cell;
use std::rc::Rc;

use capnp::Error;

use super::census::Alive;
use super::{Shared, error};
use crate::conformance_capnp::counter;

/// Something that can be added to.
pub struct Counter {
    value: Cell<i64>,
    shared: Rc<Shared>,
    _alive: Option<Alive>,
}

impl Counter {
    pub(super) fn new(shared: Rc<Shared>, value: i64) -> Self {
        let alive = shared.counts.object();
        Self { value: Cell::new(value), shared, _alive: Some(alive) }
    }

    /// One that the census leaves out.
    pub(super) fn uncounted(shared: Rc<Shared>) -> Self {
        Self { value: Cell::new(0), shared, _alive: None }
    }

    fn added(&self, amount: i64) -> i64 {
        self.value.set(self.value.get().wrapping_add(amount));
        self.value.get()
    }
}

impl counter::Server for Counter {
    async fn add(self: Rc<Self>, params: counter::AddParams, mut results: counter::AddResults) -> Result<(), Error> {
        results.get().set_value(self.added(params.get()?.get_amount()));
        Ok(())
    }

    async fn add_when(
        self: Rc<Self>,
        params: counter::AddWhenParams,
        mut results: counter::AddWhenResults,
    ) -> Result<(), Error> {
        let params = params.get()?;
        results.get().set_value(self.added(params.get_amount()));
        self.shared.counts.call(self.shared.gates.passed(params.get_gate())).await;
        Ok(())
    }

    async fn child(
        self: Rc<Self>,
        _params: counter::ChildParams,
        mut results: counter::ChildResults,
    ) -> Result<(), Error> {
        results.get().set_counter(self.shared.counter(self.value.get()));
        Ok(())
    }

    async fn fail(self: Rc<Self>, params: counter::FailParams, _results: counter::FailResults) -> Result<(), Error> {
        let params = params.get()?;
        Err(error(params.get_kind()?, params.get_text()?.to_string()?))
    }
}
