//! Objects of the host's, as far as a guest that was granted nothing comes by any.

use ww_call::table::SENDERS;

use crate::raw::{Answer, MEMBRANE, Message, call};

/// The interfaces of the Membrane, and that of what `restrict` gives with it.
pub(crate) const INTERFACE: u64 = 0xe3a1_f5d8_6b0c_4733;
pub(crate) const GRAFT: u16 = 0;
pub(crate) const RESTRICT: u16 = 1;

/// The one method that what is restricted has.
pub(crate) const METHOD: (u64, u16) = (1, 0);

/// Grafts all that there is: nothing. It succeeds as long as the host serves this guest.
pub(crate) fn graft() -> Answer {
    call(MEMBRANE, INTERFACE, GRAFT, &Message::default())
}

/// Says whether the host still serves this guest.
pub(crate) fn served() {
    match graft() {
        Answer::Done(_) => println!("and is served"),
        other => println!("and is not served: {other}"),
    }
}

/// Restricts an object, by its handle, to [`METHOD`]: gives the restricted one and its revoker.
pub(crate) fn restrict(handle: u32) -> Answer {
    let (interface, method) = METHOD;
    // The structure: two words of data, two pointers. Then the list of methods, one of them.
    let first = vec![2 << 32 | 2 << 48, interface, 0, 3, 1 << 35 | 3 << 32 | 1, u64::from(method)];
    call(MEMBRANE, INTERFACE, RESTRICT, &Message { first, rest: Vec::new(), handles: vec![handle] })
}

/// The handle of an object of the guest's own.
pub(crate) fn own(number: u32) -> u32 {
    number | SENDERS
}

/// An object of the guest's own that it calls by way of the host: nobody answers but the guest itself.
pub(crate) fn mirror() -> u32 {
    match restrict(own(1)) {
        Answer::Done(objects) => objects[0],
        other => panic!("no object to call: {other}"),
    }
}

/// Calls what [`mirror`] gave.
pub(crate) fn call_mirror(object: u32, params: &Message) -> Answer {
    call(object, METHOD.0, METHOD.1, params)
}

/// Content with one pointer, to the first capability of a message.
pub(crate) fn carrying(handle: u32) -> Message {
    Message { first: vec![1 << 48, 3], rest: Vec::new(), handles: vec![handle] }
}
