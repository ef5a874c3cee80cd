//! The functions that a guest imports.

use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use capnp::Error;
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource, WasmList};
use wasmtime_wasi_io::poll::{DynPollable, subscribe};
use ww_call::wire::{INLINE_WORDS, Outcome, OutcomeHead, STREAMING, error_from_words, error_text, text_words};
use ww_call::{Answer, Call, Message, Segments};

use super::connection::{Calls, Mode};
use super::readable::Readable;
use super::segment::Segment;
use crate::state::CellState;

/// The interface, as components import it. Its version is that of `wit/wetware.wit`.
const INTERFACE: &str = "wetware:cell/calls@0.1.0";

type Words8 = (u64, u64, u64, u64, u64, u64, u64, u64);

/// How a call ended, as `outcome` of the interface.
type WireOutcome = (u64, Words8, Option<Long>, Option<Vec<u32>>);

/// The segments of a message that does not fit the eight words.
type Long = Vec<Segment>;

type CallParams = (u32, u64, u16, u8, WasmList<u64>, WasmList<WasmList<u64>>, WasmList<u32>);

type ReplyParams = (u32, u64, WasmList<u64>, WasmList<WasmList<u64>>, WasmList<u32>);

type WaitResult = ((Vec<u64>, Vec<Segment>),);

/// Binds the interface to the connection in a cell's state.
pub(crate) fn add_to_linker(linker: &mut Linker<CellState>) -> wasmtime::Result<()> {
    let mut interface = linker.instance(INTERFACE)?;
    interface.func_wrap("call", |store, params: CallParams| Ok((call(store, params)?,)))?;
    interface
        .func_wrap("pipelined", |store, (id, path): (u32, Vec<u16>)| Ok((enter(&store)?.pipelined(id, &path),)))?;
    interface.func_wrap("cancel", |store, (id,): (u32,)| {
        enter(&store)?.outgoing.cancel(id);
        Ok(())
    })?;
    interface.func_wrap("reply", |store, params: ReplyParams| reply(store, params))?;
    interface.func_wrap_async("wait", |store, (releases, timeout): (WasmList<u64>, u64)| {
        Box::new(wait(store, releases, timeout))
    })?;
    interface.func_wrap("readable", |mut store: StoreContextMut<'_, CellState>, ()| Ok((readable(&mut store)?,)))
}

/// The connection of a guest that uses this interface.
fn enter<'a>(store: &'a StoreContextMut<'_, CellState>) -> wasmtime::Result<&'a Rc<Calls>> {
    let calls = store.data().calls();
    calls.enter(Mode::Calls)?;
    Ok(calls)
}

fn call(mut store: StoreContextMut<'_, CellState>, params: CallParams) -> wasmtime::Result<WireOutcome> {
    let (target, interface, method, flags, first, rest, caps) = params;
    let calls = enter(&store)?.clone();
    let message = copy_message(&mut store, &calls, &first, &rest, &caps)?;
    let bytes = message.as_ref().map_or(0, Message::bytes);
    let answer = message.and_then(|params| {
        let target = match calls.closed() {
            Some(reason) => return Err(reason),
            None => calls.table.object(target)?,
        };
        calls.outgoing.admits(bytes)?;
        Ok(target.call(Call { interface, method, streaming: flags & STREAMING != 0, params }))
    });
    Ok(calls.outcome(answer.unwrap_or_else(Answer::Failed), bytes))
}

fn reply(mut store: StoreContextMut<'_, CellState>, params: ReplyParams) -> wasmtime::Result<()> {
    let (id, head, first, rest, caps) = params;
    let calls = enter(&store)?.clone();
    let outcome = match OutcomeHead::decode(head) {
        Some(OutcomeHead { outcome: Outcome::Done, .. }) => copy_message(&mut store, &calls, &first, &rest, &caps)?,
        Some(OutcomeHead { outcome: Outcome::Failed, error, number }) => {
            Err(error_from_words(error, first.as_le_slice(&store), number as usize))
        }
        _ => Err(Error::failed("the guest gave an answer that is none".into())),
    };
    calls.incoming.answer(id, outcome);
    Ok(())
}

async fn wait(
    store: StoreContextMut<'_, CellState>,
    releases: WasmList<u64>,
    timeout: u64,
) -> wasmtime::Result<WaitResult> {
    let calls = enter(&store)?;
    calls.acted();
    calls.release(releases.as_le_slice(&store));
    if let Some(events) = calls.take_events() {
        return Ok((events,));
    }
    let signal = calls.signal.clone();
    match timeout {
        0 => {}
        u64::MAX => signal.wait().await,
        nanoseconds => {
            // Out of time is an answer like any other: no events.
            let _ = tokio::time::timeout(Duration::from_nanos(nanoseconds), signal.wait()).await;
        }
    }
    Ok((store.data().calls().take_events().unwrap_or_default(),))
}

fn readable(store: &mut StoreContextMut<'_, CellState>) -> wasmtime::Result<Resource<DynPollable>> {
    let signal = enter(store)?.signal.clone();
    let table = store.data_mut().table();
    let readable = table.push(Readable(signal))?;
    subscribe(table, readable)
}

/// Copies a guest's message once. Nothing can change under its reader afterwards.
///
/// The outer error is the guest's memory that is not there, which traps; the inner one is a message that is refused.
fn copy_message(
    store: &mut StoreContextMut<'_, CellState>,
    calls: &Rc<Calls>,
    first: &WasmList<u64>,
    rest: &WasmList<WasmList<u64>>,
    caps: &WasmList<u32>,
) -> wasmtime::Result<capnp::Result<Message>> {
    let rest = rest_of(store, rest)?;
    let words = rest.iter().fold(first.len(), |sum, segment| sum.saturating_add(segment.len()));
    if let Err(refused) = Segments::check(words, 1 + rest.len(), caps.len()) {
        return Ok(Err(refused));
    }
    let first = first.as_le_slice(&*store).to_vec();
    let rest = rest.iter().map(|segment| segment.as_le_slice(&*store).to_vec()).collect();
    let caps = calls.or_end(calls.table.receive_all(caps.as_le_slice(&*store).iter().copied()));
    Ok(caps.map(|caps| Message::from_words(Segments::new(first, rest), caps)))
}

/// The table of a message's further segments, as far as it may be long.
fn rest_of(
    store: &mut StoreContextMut<'_, CellState>,
    rest: &WasmList<WasmList<u64>>,
) -> wasmtime::Result<Vec<WasmList<u64>>> {
    // One more than is allowed is enough to be refused.
    let count = rest.len().min(ww_call::limits::MAX_SEGMENTS);
    let mut segments = Vec::with_capacity(count);
    for index in 0..count {
        if let Some(segment) = rest.get(&mut *store, index) {
            segments.push(segment?);
        }
    }
    Ok(segments)
}

impl Calls {
    fn pipelined(&self, id: u32, path: &[u16]) -> u32 {
        let cap = self.outgoing.pipelined(id, path);
        // The guest gets a number in any case: one that is not lent fails every call.
        self.or_end(self.table.lend(cap)).unwrap_or(ww_call::table::NULL)
    }

    fn outcome(&self, answer: Answer, params: usize) -> WireOutcome {
        let done = match answer {
            Answer::Done(message) => self.done(message),
            Answer::Failed(error) => Err(error),
            Answer::Pending(pending) => match self.closed() {
                // The call itself has ended the connection: there is nowhere for an answer to go.
                Some(reason) => Err(reason),
                None => {
                    let id = self.outgoing.add(pending, params);
                    Ok((OutcomeHead::pending(id).encode(), Words8::default(), None, None))
                }
            },
        };
        done.unwrap_or_else(|error| failed(&error))
    }

    fn done(&self, message: Message) -> capnp::Result<WireOutcome> {
        let handles = self.or_end(self.table.lend_message(&message))?;
        let handles = (!handles.is_empty()).then_some(handles);
        let inline = message.with_segments(|segments| match segments {
            [words] if words.len() <= INLINE_WORDS => Some((words.len(), words8(words))),
            _ => None,
        });
        Ok(match inline {
            Some((count, words)) => (OutcomeHead::done(count).encode(), words, None, handles),
            None => (OutcomeHead::done(0).encode(), Words8::default(), Some(Segment::all(message)), handles),
        })
    }
}

fn failed(error: &Error) -> WireOutcome {
    let text = error_text(error);
    let words = text_words(&text);
    let head = OutcomeHead::failed(error.kind, text.len()).encode();
    if words.len() <= INLINE_WORDS {
        (head, words8(&words), None, None)
    } else {
        let text = Message::from_words(Segments::new(words, Vec::new()), Vec::new());
        (head, Words8::default(), Some(Segment::all(text)), None)
    }
}

fn words8(words: &[u64]) -> Words8 {
    let mut all = [0; INLINE_WORDS];
    all[..words.len()].copy_from_slice(words);
    let [a, b, c, d, e, f, g, h] = all;
    (a, b, c, d, e, f, g, h)
}

/// An async host function must be `Send`; a cell's never leaves its thread, which is what its state's wrapper says.
const _: fn() = || {
    fn is_send<T: Future + Send>(_: fn(StoreContextMut<'static, CellState>, WasmList<u64>, u64) -> T) {}
    is_send(wait);
};
