//! The root of a side.

use std::future::pending;
use std::rc::Rc;

use capnp::Error;
use futures::future::try_join_all;

use super::{Site, error};
use crate::calls::{self, bounce, end, record, write};
use crate::conformance_capnp::peer::{self, *};
use crate::identity::is_same;
use crate::turns::turns;

/// Serves a site.
pub struct Peer(pub(super) Site);

impl Peer {
    async fn passed(&self, gate: u32) {
        let shared = &self.0.0.shared;
        shared.counts.call(shared.gates.passed(gate)).await;
    }

    async fn turns(&self, count: u32) {
        self.0.0.shared.counts.call(turns(count)).await;
    }

    /// Works on a call that makes calls itself.
    async fn call<T>(&self, work: impl Future<Output = T>) -> T {
        self.0.0.shared.counts.call(work).await
    }
}

impl peer::Server for Peer {
    async fn echo(self: Rc<Self>, params: EchoParams, mut results: EchoResults) -> Result<(), Error> {
        results.get().set_data(params.get()?.get_data()?);
        Ok(())
    }

    async fn echo_any(self: Rc<Self>, params: EchoAnyParams, mut results: EchoAnyResults) -> Result<(), Error> {
        results.get().get_content().set_as(params.get()?.get_content())
    }

    async fn length(self: Rc<Self>, params: LengthParams, mut results: LengthResults) -> Result<(), Error> {
        results.get().set_bytes(params.get()?.get_data()?.len() as u64);
        Ok(())
    }

    async fn produce(self: Rc<Self>, params: ProduceParams, mut results: ProduceResults) -> Result<(), Error> {
        let bytes = params.get()?.get_bytes();
        let data = results.get().init_data(bytes as u32);
        data.iter_mut().enumerate().for_each(|(index, byte)| *byte = index as u8);
        Ok(())
    }

    async fn echo_after(self: Rc<Self>, params: EchoAfterParams, mut results: EchoAfterResults) -> Result<(), Error> {
        let params = params.get()?;
        self.turns(params.get_turns()).await;
        results.get().set_data(params.get_data()?);
        Ok(())
    }

    async fn echo_when(self: Rc<Self>, params: EchoWhenParams, mut results: EchoWhenResults) -> Result<(), Error> {
        let params = params.get()?;
        self.passed(params.get_gate()).await;
        results.get().set_data(params.get_data()?);
        Ok(())
    }

    async fn open(self: Rc<Self>, params: OpenParams, _results: OpenResults) -> Result<(), Error> {
        self.0.open(params.get()?.get_gate());
        Ok(())
    }

    async fn never(self: Rc<Self>, params: NeverParams, _results: NeverResults) -> Result<(), Error> {
        self.call(pending::<()>()).await;
        drop(params);
        Ok(())
    }

    async fn fail(self: Rc<Self>, params: FailParams, _results: FailResults) -> Result<(), Error> {
        let params = params.get()?;
        self.turns(params.get_turns()).await;
        Err(error(params.get_kind()?, params.get_text()?.to_string()?))
    }

    async fn panic(self: Rc<Self>, params: PanicParams, _results: PanicResults) -> Result<(), Error> {
        let params = params.get()?;
        self.turns(params.get_turns()).await;
        panic!("{}", params.get_text()?.to_str()?)
    }

    async fn counter(self: Rc<Self>, _params: CounterParams, mut results: CounterResults) -> Result<(), Error> {
        let mut results = results.get();
        results.set_counter(self.0.counter());
        results.set_other(self.0.counter());
        Ok(())
    }

    async fn counter_when(
        self: Rc<Self>,
        params: CounterWhenParams,
        mut results: CounterWhenResults,
    ) -> Result<(), Error> {
        self.passed(params.get()?.get_gate()).await;
        results.get().set_counter(self.0.counter());
        Ok(())
    }

    async fn same(self: Rc<Self>, _params: SameParams, mut results: SameResults) -> Result<(), Error> {
        results.get().set_counter(self.0.0.same.clone());
        Ok(())
    }

    async fn give_back(self: Rc<Self>, params: GiveBackParams, mut results: GiveBackResults) -> Result<(), Error> {
        let params = params.get()?;
        if params.has_counter() {
            results.get().set_counter(params.get_counter()?);
        }
        Ok(())
    }

    async fn give_back_when(
        self: Rc<Self>,
        params: GiveBackWhenParams,
        mut results: GiveBackWhenResults,
    ) -> Result<(), Error> {
        let params = params.get()?;
        self.passed(params.get_gate()).await;
        if params.has_counter() {
            results.get().set_counter(params.get_counter()?);
        }
        Ok(())
    }

    async fn give_back_all(
        self: Rc<Self>,
        params: GiveBackAllParams,
        mut results: GiveBackAllResults,
    ) -> Result<(), Error> {
        results.get().set_counters(params.get()?.get_counters()?)
    }

    async fn is_yours(self: Rc<Self>, params: IsYoursParams, mut results: IsYoursResults) -> Result<(), Error> {
        let counter = params.get()?.get_counter()?;
        results.get().set_yours(is_same(&counter, &self.0.0.same).await);
        Ok(())
    }

    async fn hold(self: Rc<Self>, params: HoldParams, _results: HoldResults) -> Result<(), Error> {
        self.0.0.held.borrow_mut().push_back(params.get()?.get_counter()?);
        Ok(())
    }

    async fn held(self: Rc<Self>, params: HeldParams, mut results: HeldResults) -> Result<(), Error> {
        if let Some(counter) = self.0.0.held.borrow().get(params.get()?.get_index() as usize) {
            results.get().set_counter(counter.clone());
        }
        Ok(())
    }

    async fn let_go(self: Rc<Self>, _params: LetGoParams, _results: LetGoResults) -> Result<(), Error> {
        let counter = self.0.0.held.borrow_mut().pop_front();
        drop(counter);
        Ok(())
    }

    async fn call_back(self: Rc<Self>, params: CallBackParams, mut results: CallBackResults) -> Result<(), Error> {
        let params = params.get()?;
        let (counter, times, gate) = (params.get_counter()?, params.get_times(), params.get_gate());
        let adding = async {
            for _ in 0..times {
                results.get().set_value(calls::add_when(&counter, 1, gate).await?);
            }
            Ok(())
        };
        self.call(adding).await
    }

    async fn bounce(self: Rc<Self>, params: BounceParams, mut results: BounceResults) -> Result<(), Error> {
        let params = params.get()?;
        if let Some(left) = params.get_times().checked_sub(1) {
            let (peer, home) = (params.get_peer()?, params.get_home()?);
            let times = self.call(bounce(&peer, &home, &peer, left)).await?;
            results.get().set_times(times + 1);
        }
        Ok(())
    }

    async fn recorder(self: Rc<Self>, _params: RecorderParams, mut results: RecorderResults) -> Result<(), Error> {
        results.get().set_recorder(self.0.recorder());
        Ok(())
    }

    async fn recorder_when(
        self: Rc<Self>,
        params: RecorderWhenParams,
        mut results: RecorderWhenResults,
    ) -> Result<(), Error> {
        self.passed(params.get()?.get_gate()).await;
        results.get().set_recorder(self.0.recorder());
        Ok(())
    }

    async fn play_to(self: Rc<Self>, params: PlayToParams, _results: PlayToResults) -> Result<(), Error> {
        let params = params.get()?;
        let recorder = params.get_recorder()?;
        let calls: Vec<_> = (0..params.get_count()).map(|number| record(&recorder, number)).collect();
        self.call(try_join_all(calls)).await?;
        Ok(())
    }

    async fn sink(self: Rc<Self>, _params: SinkParams, mut results: SinkResults) -> Result<(), Error> {
        results.get().set_sink(self.0.sink());
        Ok(())
    }

    async fn pour_into(self: Rc<Self>, params: PourIntoParams, mut results: PourIntoResults) -> Result<(), Error> {
        let params = params.get()?;
        let sink = params.get_sink()?;
        let writes: Vec<_> = (0..params.get_count()).map(|number| write(&sink, number)).collect();
        let end = end(&sink);
        let pouring = async {
            try_join_all(writes).await?;
            results.get().set_numbers(end.await?.as_slice())
        };
        self.call(pouring).await
    }

    async fn census(self: Rc<Self>, _params: CensusParams, mut results: CensusResults) -> Result<(), Error> {
        let census = self.0.census();
        let mut results = results.get();
        results.set_objects(census.objects);
        results.set_calls(census.calls);
        results.set_abandoned(census.abandoned);
        Ok(())
    }

    async fn leave(self: Rc<Self>, _params: LeaveParams, _results: LeaveResults) -> Result<(), Error> {
        (self.0.0.leave)();
        pending().await
    }
}
