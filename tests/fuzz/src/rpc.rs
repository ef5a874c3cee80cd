//! A guest that writes anything to `wetware:cell/connection`. The input is either the bytes themselves or, since bytes at
//! random are hardly ever a message, what `messages` makes messages of.

mod messages;

use capnp::any_pointer;
use capnp::capability::Client;

use crate::bytes::Bytes;
use crate::service::Service;
use crate::worker::{self, Guest};

/// Bits of the first byte: the lowest three are the guest's, see `tests/guests/fuzz`.
const GUESTS: u8 = 7;
/// The other bytes are those that the guest writes.
const RAW: u8 = 8;
/// The host keeps what the guest serves.
const KEEPS: u8 = 16;
/// The host calls what the guest serves.
const CALLS: u8 = 32;

/// Runs one input.
pub fn target(bytes: &[u8]) {
    let mut bytes = Bytes::new(bytes);
    let flags = bytes.byte();
    let mut input = vec![flags & GUESTS];
    if flags & RAW == 0 {
        input.extend(messages::encode(&mut bytes));
    } else {
        input.extend(bytes.rest());
    }
    worker::run(async |worker| {
        let service = Service::new(worker.membrane.clone());
        let guest = Guest { mode: "rpc", input: &input, membrane: service.membrane(), files: worker::no_files() };
        let (cell, _printed) = worker.cell(guest).await;
        service.closes(cell.closer());
        let bootstrap = Client { hook: cell.bootstrap() };
        if flags & KEEPS != 0 {
            service.keep(bootstrap.hook.add_ref());
        }
        let call = || bootstrap.new_call::<any_pointer::Owned, any_pointer::Owned>(0, 0, None).send();
        let called = (flags & CALLS != 0).then(call);
        drop(worker::end(cell).await);
        drop((called, bootstrap));
        service.finish();
    });
}
