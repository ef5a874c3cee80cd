//! A guest that calls `wetware:cell/calls` with anything, and is called. The input is the guest's program, which
//! `tests/guests/fuzz` runs; its first byte says how the host begins.

use std::cell::Cell;

use capnp::capability::Client;
use ww_cell::Exit;

use crate::service::Service;
use crate::worker::{self, Guest, Worker};

/// After so many inputs, a guest that behaves is run on the same worker.
const CHECKED: u32 = 64;

/// What such a guest does, a line a step: it grafts everything and waits; it makes objects; it makes a call that ends
/// later, and another one on what that will give, and waits.
const BEHAVED: &[u8] = &[
    3, //
    0, 0, 1, 0, 0, 0, 0, //
    12, 0, 4, //
    0, 0, 6, 3, 0, 0, 0, //
    0, 0, 6, 26, 0, 0, 0, //
    7, 0, 1, 0, //
    0, 0, 6, 0, 0, 0, 4, 2, 5, 6, //
    12, 0, 4, //
];

/// What it counts then.
const TALLY: &str = "Tally { done: 2, failed: 0, pending: 2, completed: 2, incoming: 0, other: 0 }";

/// Runs one input.
pub fn target(bytes: &[u8]) {
    worker::run(async |worker| {
        let (begin, program) = bytes.split_first().map_or((0, bytes), |(begin, program)| (*begin, program));
        drop(one(worker, begin, program).await);
        if is_due() {
            check(worker).await;
        }
    });
}

/// Runs a guest, and checks that nothing is left of it. How it ended, and what it printed.
async fn one(worker: &Worker, begin: u8, program: &[u8]) -> (Option<Exit>, String) {
    let service = Service::new(worker.membrane.clone());
    let guest = Guest { mode: "calls", input: program, membrane: service.membrane(), files: worker::no_files() };
    let (cell, printed) = worker.cell(guest).await;
    service.closes(cell.closer());
    let bootstrap = cell.bootstrap();
    if begin & 1 != 0 {
        service.keep(bootstrap.add_ref());
    }
    let called = (begin & 2 != 0).then(|| {
        Client { hook: bootstrap }.new_call::<capnp::any_pointer::Owned, capnp::any_pointer::Owned>(0, 0, None).send()
    });
    let exit = worker::end(cell).await;
    drop(called);
    service.finish();
    let printed = printed.read(usize::MAX).await;
    (exit, String::from_utf8_lossy(&printed).into_owned())
}

fn is_due() -> bool {
    thread_local! {
        static INPUTS: Cell<u32> = const { Cell::new(0) };
    }
    INPUTS.set(INPUTS.get().wrapping_add(1));
    INPUTS.get().is_multiple_of(CHECKED)
}

/// The worker still serves.
async fn check(worker: &Worker) {
    let (exit, printed) = one(worker, 0, BEHAVED).await;
    assert_eq!((exit, printed.trim_end()), (Some(Exit::Code(0)), TALLY));
}
