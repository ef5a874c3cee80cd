//! What a guest imports from the host: the functions of `wetware:cell/calls`, and of WASI those that `std` does not
//! offer without blocking.

use capnp::{Error, ErrorKind};
use ww_call::wire::{OutcomeHead, error_from_words, error_text, text_words};
use ww_call::{Message, Segments};

mod bindings {
    #![allow(missing_docs, unreachable_pub, unsafe_op_in_unsafe_fn, reason = "generated code")]
    #![allow(clippy::all, clippy::allow_attributes_without_reason, reason = "generated code")]
    #![allow(clippy::undocumented_unsafe_blocks, reason = "generated code")]

    wit_bindgen::generate!({ path: "../../wit", world: "wetware:cell/cell", features: ["cli-exit-with-code"], generate_all });
}

#[cfg(target_family = "wasm")]
pub(crate) use bindings::wasi::cli::exit::exit_with_code;
pub(crate) use bindings::wasi::cli::stdin::get_stdin;
pub(crate) use bindings::wasi::clocks::monotonic_clock::subscribe_duration;
pub(crate) use bindings::wasi::io::poll::{Pollable, poll};
pub(crate) use bindings::wasi::io::streams::{InputStream, StreamError};
pub(crate) use bindings::wetware::cell::calls::{cancel, pipelined, readable, wait};

/// A list of words, as it crosses: where it starts, and how many there are.
#[repr(C)]
struct List<T> {
    start: *const T,
    length: usize,
}

impl<T> List<T> {
    fn of(items: &[T]) -> Self {
        Self { start: items.as_ptr(), length: items.len() }
    }
}

/// A list that the host returns, or none. The discriminant is one byte: the three behind it are nobody's.
#[repr(C)]
struct OptionalList<T> {
    some: u8,
    list: List<T>,
}

/// `outcome` of the interface, as it lies in memory.
#[repr(C)]
struct RawOutcome {
    head: u64,
    words: [u64; 8],
    segments: OptionalList<List<u64>>,
    handles: OptionalList<u32>,
}

/// The functions that are called most, without the copies and allocations of the generated wrappers.
#[cfg(target_family = "wasm")]
mod raw {
    use super::{List, RawOutcome};

    #[link(wasm_import_module = "wetware:cell/calls@0.1.0")]
    unsafe extern "C" {
        #[link_name = "call"]
        pub(super) fn call(
            target: u32,
            interface: u64,
            method: u32,
            flags: u32,
            first: *const u64,
            first_length: usize,
            rest: *const List<u64>,
            rest_length: usize,
            handles: *const u32,
            handles_length: usize,
            outcome: *mut RawOutcome,
        );

        #[link_name = "reply"]
        pub(super) fn reply(
            call: u32,
            head: u64,
            first: *const u64,
            first_length: usize,
            rest: *const List<u64>,
            rest_length: usize,
            handles: *const u32,
            handles_length: usize,
        );
    }
}

/// Elsewhere than in a cell there is no host; this lets the crate be checked and documented on the machine it is built on.
#[cfg(not(target_family = "wasm"))]
#[allow(clippy::too_many_arguments, reason = "they are the interface's")]
mod raw {
    use super::{List, RawOutcome};

    pub(super) unsafe fn call(
        _target: u32,
        _interface: u64,
        _method: u32,
        _flags: u32,
        _first: *const u64,
        _first_length: usize,
        _rest: *const List<u64>,
        _rest_length: usize,
        _handles: *const u32,
        _handles_length: usize,
        _outcome: *mut RawOutcome,
    ) {
        unreachable!("a guest runs in a cell")
    }

    pub(super) unsafe fn reply(
        _call: u32,
        _head: u64,
        _first: *const u64,
        _first_length: usize,
        _rest: *const List<u64>,
        _rest_length: usize,
        _handles: *const u32,
        _handles_length: usize,
    ) {
        unreachable!("a guest runs in a cell")
    }
}

/// How a call ended, as far as this side can tell.
pub(crate) enum Outcome {
    Done(Segments, Vec<u32>),
    Failed(Error),
    Pending(u32),
}

/// Calls a method of an object of the host's.
pub(crate) fn call(target: u32, interface: u64, method: u16, flags: u8, params: &Message, handles: &[u32]) -> Outcome {
    // Zeroed, not left as it is: what the host does not write must not be read as something.
    let mut outcome = RawOutcome {
        head: 0,
        words: [0; 8],
        segments: OptionalList { some: 0, list: List { start: std::ptr::null(), length: 0 } },
        handles: OptionalList { some: 0, list: List { start: std::ptr::null(), length: 0 } },
    };
    params.with_segments(|segments| {
        let (first, rest) = split(segments);
        // SAFETY: the arguments are the interface's, lowered as the canonical ABI says: every pointer is that of a live
        // slice with the length beside it, and `outcome` has the layout of the result. The host only reads the former
        // and only writes the latter.
        unsafe {
            raw::call(
                target,
                interface,
                method.into(),
                flags.into(),
                first.start,
                first.length,
                rest.as_ptr(),
                rest.len(),
                handles.as_ptr(),
                handles.len(),
                &raw mut outcome,
            );
        }
    });
    outcome.read()
}

impl RawOutcome {
    fn read(self) -> Outcome {
        // SAFETY: the host has just written this outcome, and nobody else takes its lists.
        let (segments, handles) = unsafe { (self.segments.take_segments(), self.handles.take()) };
        let Some(head) = OutcomeHead::decode(self.head) else {
            return Outcome::Failed(Error::failed("the host gave an answer that is none".into()));
        };
        let inline = |count: u32| self.words[..self.words.len().min(count as usize)].to_vec();
        match head.outcome {
            ww_call::wire::Outcome::Pending => Outcome::Pending(head.number),
            ww_call::wire::Outcome::Done => {
                let segments = segments.unwrap_or_else(|| Segments::new(inline(head.number), Vec::new()));
                Outcome::Done(segments, handles.unwrap_or_default())
            }
            ww_call::wire::Outcome::Failed => {
                let words = segments.map_or_else(|| self.words.to_vec(), Segments::into_first);
                Outcome::Failed(error_from_words(head.error, &words, head.number as usize))
            }
        }
    }
}

impl<T> OptionalList<T> {
    /// # Safety
    /// The host must have written this list, into memory that it got from this guest's allocator, and it is taken once.
    unsafe fn take(&self) -> Option<Vec<T>> {
        // SAFETY: as this function's; the canonical ABI allocates a list with exactly its length.
        (self.some != 0).then(|| unsafe { self.list.take() })
    }
}

impl OptionalList<List<u64>> {
    /// # Safety
    /// As [`OptionalList::take`].
    unsafe fn take_segments(&self) -> Option<Segments> {
        // SAFETY: as this function's.
        let lists = unsafe { self.take() }?;
        // SAFETY: as this function's, for each of the lists inside.
        let mut segments = lists.iter().map(|list| unsafe { list.take() });
        let first = segments.next().unwrap_or_default();
        Some(Segments::new(first, segments.collect()))
    }
}

impl<T> List<T> {
    /// # Safety
    /// The host must have allocated this list for us, with exactly its length, and it is taken once.
    unsafe fn take(&self) -> Vec<T> {
        if self.length == 0 {
            return Vec::new();
        }
        // SAFETY: as this function's; `cabi_realloc` allocates with the layout of the items, as `Vec` does.
        unsafe { Vec::from_raw_parts(self.start.cast_mut(), self.length, self.length) }
    }
}

/// Answers a call of the host's.
pub(crate) fn reply(call: u32, answer: capnp::Result<(&Message, &[u32])>) {
    match answer {
        Ok((message, handles)) => {
            message.with_segments(|segments| send_reply(call, OutcomeHead::done(0), segments, handles));
        }
        Err(error) => {
            let text = error_text(&error);
            send_reply(call, OutcomeHead::failed(error.kind, text.len()), &[&text_words(&text)], &[]);
        }
    }
}

fn send_reply(call: u32, head: OutcomeHead, segments: &[&[u64]], handles: &[u32]) {
    let (first, rest) = split(segments);
    // SAFETY: as for `call`: live slices with their lengths, which the host only reads.
    unsafe {
        raw::reply(
            call,
            head.encode(),
            first.start,
            first.length,
            rest.as_ptr(),
            rest.len(),
            handles.as_ptr(),
            handles.len(),
        );
    }
}

fn split(segments: &[&[u64]]) -> (List<u64>, Vec<List<u64>>) {
    match segments {
        [] => (List::of(&[]), Vec::new()),
        [first, rest @ ..] => (List::of(first), rest.iter().map(|segment| List::of(segment)).collect()),
    }
}

/// The error of a call when the connection is gone.
pub(crate) fn gone(reason: &Error) -> Error {
    Error { kind: ErrorKind::Disconnected, extra: reason.extra.clone() }
}
