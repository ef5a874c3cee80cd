//! The calls that cases make. Each is made when its function is called; the promise is only its answer.

use capnp::Error;
use capnp::capability::{FromClientHook, Promise, RemotePromise, Response};
use capnp::traits::{HasTypeId, Owned, Pipelined};
use ww_call::{Answer, Call, Message, PendingCall};

use crate::conformance_capnp::{Kind, counter, peer, recorder, sink};
use crate::site::Census;

/// The answer to a call.
pub(crate) type Reply<T> = Promise<T, Error>;

/// The answer alone, without its pipeline.
fn answer<R, T: 'static>(
    sent: RemotePromise<R>,
    read: impl FnOnce(&Response<R>) -> capnp::Result<T> + 'static,
) -> Reply<T>
where
    R: Pipelined + Owned + 'static,
{
    let promise = sent.promise;
    Promise::from_future(async move { read(&promise.await?) })
}

pub(crate) fn echo(peer: &peer::Client, data: &[u8]) -> Reply<Vec<u8>> {
    let mut request = peer.echo_request();
    request.get().set_data(data);
    answer(request.send(), |response| Ok(response.get()?.get_data()?.to_vec()))
}

pub(crate) fn echo_after(peer: &peer::Client, data: &[u8], turns: u32) -> Reply<Vec<u8>> {
    let mut request = peer.echo_after_request();
    request.get().set_data(data);
    request.get().set_turns(turns);
    answer(request.send(), |response| Ok(response.get()?.get_data()?.to_vec()))
}

pub(crate) fn echo_when(peer: &peer::Client, data: &[u8], gate: u32) -> Reply<Vec<u8>> {
    let mut request = peer.echo_when_request();
    request.get().set_data(data);
    request.get().set_gate(gate);
    answer(request.send(), |response| Ok(response.get()?.get_data()?.to_vec()))
}

pub(crate) fn open(peer: &peer::Client, gate: u32) -> Reply<()> {
    let mut request = peer.open_request();
    request.get().set_gate(gate);
    answer(request.send(), |_| Ok(()))
}

pub(crate) fn never(peer: &peer::Client, attached: Option<counter::Client>) -> Reply<()> {
    let mut request = peer.never_request();
    if let Some(attached) = attached {
        request.get().set_attached(attached);
    }
    answer(request.send(), |_| Ok(()))
}

pub(crate) fn fail(peer: &peer::Client, kind: Kind, text: &str, turns: u32) -> Reply<()> {
    let mut request = peer.fail_request();
    request.get().set_kind(kind);
    request.get().set_text(text);
    request.get().set_turns(turns);
    answer(request.send(), |_| Ok(()))
}

pub(crate) fn panic(peer: &peer::Client, text: &str, turns: u32) -> Reply<()> {
    let mut request = peer.panic_request();
    request.get().set_text(text);
    request.get().set_turns(turns);
    answer(request.send(), |_| Ok(()))
}

pub(crate) fn counters(peer: &peer::Client) -> Reply<(counter::Client, counter::Client)> {
    answer(peer.counter_request().send(), |response| {
        let results = response.get()?;
        Ok((results.get_counter()?, results.get_other()?))
    })
}

pub(crate) fn counter(peer: &peer::Client) -> Reply<counter::Client> {
    answer(peer.counter_request().send(), |response| response.get()?.get_counter())
}

/// The call itself, for its pipeline.
pub(crate) fn counter_when(peer: &peer::Client, gate: u32) -> RemotePromise<peer::counter_when_results::Owned> {
    let mut request = peer.counter_when_request();
    request.get().set_gate(gate);
    request.send()
}

pub(crate) fn same(peer: &peer::Client) -> Reply<counter::Client> {
    answer(peer.same_request().send(), |response| response.get()?.get_counter())
}

/// Asks for a capability back; `None` is the null capability.
pub(crate) fn give_back(peer: &peer::Client, counter: Option<&counter::Client>) -> Reply<Option<counter::Client>> {
    let mut request = peer.give_back_request();
    if let Some(counter) = counter {
        request.get().set_counter(counter.clone());
    }
    answer(request.send(), |response| {
        let results = response.get()?;
        if results.has_counter() { results.get_counter().map(Some) } else { Ok(None) }
    })
}

/// The call itself, for its pipeline.
pub(crate) fn give_back_when(
    peer: &peer::Client,
    counter: &counter::Client,
    gate: u32,
) -> RemotePromise<peer::give_back_when_results::Owned> {
    let mut request = peer.give_back_when_request();
    request.get().set_counter(counter.clone());
    request.get().set_gate(gate);
    request.send()
}

/// Asks for many back. Where it is `None`, the list holds the null capability.
pub(crate) fn give_back_all(
    peer: &peer::Client,
    counters: &[Option<counter::Client>],
) -> Reply<Vec<Option<counter::Client>>> {
    let mut request = peer.give_back_all_request();
    let mut list = request.get().init_counters(counters.len() as u32);
    for (index, counter) in counters.iter().enumerate() {
        if let Some(counter) = counter {
            list.set(index as u32, counter.clone().into_client_hook());
        }
    }
    answer(request.send(), |response| Ok(response.get()?.get_counters()?.iter().map(|counter| counter.ok()).collect()))
}

pub(crate) fn is_yours(peer: &peer::Client, counter: &counter::Client) -> Reply<bool> {
    let mut request = peer.is_yours_request();
    request.get().set_counter(counter.clone());
    answer(request.send(), |response| Ok(response.get()?.get_yours()))
}

pub(crate) fn hold(peer: &peer::Client, counter: &counter::Client) -> Reply<()> {
    let mut request = peer.hold_request();
    request.get().set_counter(counter.clone());
    answer(request.send(), |_| Ok(()))
}

pub(crate) fn held(peer: &peer::Client, index: u32) -> Reply<counter::Client> {
    let mut request = peer.held_request();
    request.get().set_index(index);
    answer(request.send(), |response| response.get()?.get_counter())
}

pub(crate) fn let_go(peer: &peer::Client) -> Reply<()> {
    answer(peer.let_go_request().send(), |_| Ok(()))
}

pub(crate) fn call_back(peer: &peer::Client, counter: &counter::Client, times: u32, gate: u32) -> Reply<i64> {
    let mut request = peer.call_back_request();
    request.get().set_counter(counter.clone());
    request.get().set_times(times);
    request.get().set_gate(gate);
    answer(request.send(), |response| Ok(response.get()?.get_value()))
}

pub(crate) fn bounce(peer: &peer::Client, other: &peer::Client, home: &peer::Client, times: u32) -> Reply<u32> {
    let mut request = peer.bounce_request();
    request.get().set_peer(other.clone());
    request.get().set_home(home.clone());
    request.get().set_times(times);
    answer(request.send(), |response| Ok(response.get()?.get_times()))
}

pub(crate) fn recorder(peer: &peer::Client) -> Reply<recorder::Client> {
    answer(peer.recorder_request().send(), |response| response.get()?.get_recorder())
}

/// The call itself, for its pipeline.
pub(crate) fn recorder_when(peer: &peer::Client, gate: u32) -> RemotePromise<peer::recorder_when_results::Owned> {
    let mut request = peer.recorder_when_request();
    request.get().set_gate(gate);
    request.send()
}

pub(crate) fn play_to(peer: &peer::Client, recorder: &recorder::Client, count: u32) -> Reply<()> {
    let mut request = peer.play_to_request();
    request.get().set_recorder(recorder.clone());
    request.get().set_count(count);
    answer(request.send(), |_| Ok(()))
}

pub(crate) fn sink(peer: &peer::Client) -> Reply<sink::Client> {
    answer(peer.sink_request().send(), |response| response.get()?.get_sink())
}

pub(crate) fn pour_into(peer: &peer::Client, sink: &sink::Client, count: u32) -> Reply<Vec<u32>> {
    let mut request = peer.pour_into_request();
    request.get().set_sink(sink.clone());
    request.get().set_count(count);
    answer(request.send(), |response| Ok(response.get()?.get_numbers()?.iter().collect()))
}

pub(crate) fn census(peer: &peer::Client) -> Reply<Census> {
    answer(peer.census_request().send(), |response| {
        let results = response.get()?;
        Ok(Census { objects: results.get_objects(), calls: results.get_calls(), abandoned: results.get_abandoned() })
    })
}

pub(crate) fn leave(peer: &peer::Client) -> Reply<()> {
    answer(peer.leave_request().send(), |_| Ok(()))
}

pub(crate) fn add(counter: &counter::Client, amount: i64) -> Reply<i64> {
    let mut request = counter.add_request();
    request.get().set_amount(amount);
    answer(request.send(), |response| Ok(response.get()?.get_value()))
}

pub(crate) fn add_when(counter: &counter::Client, amount: i64, gate: u32) -> Reply<i64> {
    let mut request = counter.add_when_request();
    request.get().set_amount(amount);
    request.get().set_gate(gate);
    answer(request.send(), |response| Ok(response.get()?.get_value()))
}

pub(crate) fn counter_fails(counter: &counter::Client, kind: Kind, text: &str) -> Reply<()> {
    let mut request = counter.fail_request();
    request.get().set_kind(kind);
    request.get().set_text(text);
    answer(request.send(), |_| Ok(()))
}

/// The call itself, for its pipeline.
pub(crate) fn child(counter: &counter::Client) -> RemotePromise<counter::child_results::Owned> {
    counter.child_request().send()
}

pub(crate) fn record(recorder: &recorder::Client, number: u32) -> Reply<()> {
    let mut request = recorder.record_request();
    request.get().set_number(number);
    answer(request.send(), |_| Ok(()))
}

pub(crate) fn record_when(recorder: &recorder::Client, number: u32, gate: u32) -> Reply<()> {
    let mut request = recorder.record_when_request();
    request.get().set_number(number);
    request.get().set_gate(gate);
    answer(request.send(), |_| Ok(()))
}

pub(crate) fn recorded(recorder: &recorder::Client) -> Reply<Vec<u32>> {
    answer(recorder.recorded_request().send(), |response| Ok(response.get()?.get_numbers()?.iter().collect()))
}

pub(crate) fn write(sink: &sink::Client, number: u32) -> Reply<()> {
    let mut request = sink.write_request();
    request.get().set_number(number);
    request.send()
}

pub(crate) fn write_when(sink: &sink::Client, number: u32, gate: u32) -> Reply<()> {
    let mut request = sink.write_when_request();
    request.get().set_number(number);
    request.get().set_gate(gate);
    request.send()
}

pub(crate) fn refuse(sink: &sink::Client, kind: Kind, text: &str) -> Reply<()> {
    let mut request = sink.refuse_request();
    request.get().set_kind(kind);
    request.get().set_text(text);
    request.send()
}

pub(crate) fn end(sink: &sink::Client) -> Reply<Vec<u32>> {
    answer(sink.end_request().send(), |response| Ok(response.get()?.get_numbers()?.iter().collect()))
}

/// Numbers of `Peer`'s methods, for calls that no generated code would make.
pub(crate) mod method {
    pub(crate) const ECHO_ANY: u16 = 1;
    pub(crate) const LENGTH: u16 = 2;
    pub(crate) const NOBODYS: u16 = 1000;
}

/// Calls a method of `Peer` with a message of any shape.
pub(crate) async fn raw(peer: &peer::Client, method: u16, params: Message) -> capnp::Result<Message> {
    raw_of(<peer::Client as HasTypeId>::TYPE_ID, peer, method, params).await
}

/// The same for a method of any interface.
pub(crate) async fn raw_of(
    interface: u64,
    peer: &peer::Client,
    method: u16,
    params: Message,
) -> capnp::Result<Message> {
    let target = ww_call::target(peer.client.hook.add_ref());
    match target.call(Call { interface, method, streaming: false, params }) {
        Answer::Done(message) => Ok(message),
        Answer::Failed(error) => Err(error),
        Answer::Pending(pending) => PendingCall::new(pending).answer().await?.duplicate(),
    }
}
