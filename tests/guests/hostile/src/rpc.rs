//! What a guest can say over `wetware:cell/connection`.

use capnp::capability::Client;
use capnp::traits::HasTypeId;
use capnp_rpc::rpc_capnp::cap_descriptor;
use ww_capnp::stem_capnp::membrane;

use crate::noise::Noise;
use crate::says::{Method, Says, capability, with_capabilities};
use crate::streams::Streams;

const MEMBRANE: u64 = <membrane::Client as HasTypeId>::TYPE_ID;
const GRAFT: Method = (MEMBRANE, 0);
const RESTRICT: Method = (MEMBRANE, 1);

/// Says it to the end, and hears all that the host has to say to that.
fn say(says: &Says) {
    let mut streams = Streams::connect();
    let heard = streams.say(&says.0);
    streams.hang_up();
    let heard = heard + streams.hear_all();
    println!("{}", if heard > 0 { "answered" } else { "not answered" });
}

/// The table of a message of one segment.
fn announce(says: &mut Says, words: u32) {
    says.0.extend([0, words].into_iter().flat_map(u32::to_le_bytes));
}

pub(crate) fn announced() {
    let mut says = Says::hello();
    announce(&mut says, 8 << 20);
    say(&says);
}

pub(crate) fn silent() {
    let mut says = Says::hello();
    announce(&mut says, 100);
    says.0.extend([0; 50 * 8]);
    let mut streams = Streams::connect();
    streams.say(&says.0);
    streams.hear_all();
}

pub(crate) fn random() {
    let mut says = Says::hello();
    says.0.extend(Noise::default().bytes(1 << 20));
    say(&says);
}

/// Messages of the right form: a structure of RPC's, with anything in it.
pub(crate) fn random_messages() {
    let mut noise = Noise::default();
    let mut says = Says::hello();
    for _ in 0..1000 {
        let words = 3 + noise.below(16) as u32;
        announce(&mut says, words);
        says.0.extend((1_u64 << 32 | 1 << 48).to_le_bytes());
        says.0.extend(noise.below(16).to_le_bytes());
        says.0.extend(noise.bytes(words as usize * 8 - 16));
    }
    say(&says);
}

/// Far pointers that lead to each other, where the message should be.
pub(crate) fn far_pointers() {
    let mut says = Says::hello();
    says.0.extend([1, 1, 1, 0].into_iter().flat_map(u32::to_le_bytes));
    let far = |segment: u64| (segment << 32 | 2).to_le_bytes();
    says.0.extend([far(1), far(0)].concat());
    say(&says);
}

pub(crate) fn calls() {
    let mut says = Says::hello();
    (0..10_000).for_each(|question| says.bootstrap(question));
    say(&says);
}

pub(crate) fn capabilities() {
    let mut says = Says::hello();
    for question in 0..100_000 {
        restrict(&mut says, question);
        says.finish(question, false);
    }
    say(&says);
}

fn restrict(says: &mut Says, question: u32) {
    says.call(question, RESTRICT, |mut params| {
        params.reborrow().init_cap_table(1).get(0).set_receiver_hosted(0);
        with_capabilities(params, |content| {
            let params: membrane::restrict_params::Builder<'_> = content.init_as();
            params.init_cap().set_as_capability(capability::<Client>().hook);
        });
    });
}

/// Calls what a call will return, and so on.
pub(crate) fn pipeline() {
    let mut says = Says::hello();
    says.call(0, GRAFT, |_| ());
    (1..100_000).for_each(|question| says.call_on_answer(question, question - 1));
    say(&says);
}

/// The host keeps a promise of the guest's, which turns out to be another one, and so on; at last there is an object.
pub(crate) fn promises() {
    const RESTRICTION: u32 = 0;
    let mut says = Says::hello();
    says.call(RESTRICTION, RESTRICT, |mut params| {
        params.reborrow().init_cap_table(1).get(0).set_sender_promise(0);
        with_capabilities(params, |content| {
            let mut params: membrane::restrict_params::Builder<'_> = content.init_as();
            params.set_interface_id(MEMBRANE);
            params.reborrow().init_methods(1).set(0, GRAFT.1);
            params.init_cap().set_as_capability(capability::<Client>().hook);
        });
    });
    for promise in 0..100_000 {
        resolve(&mut says, promise, |mut cap| cap.set_sender_promise(promise + 1));
    }
    resolve(&mut says, 100_000, |mut cap| cap.set_sender_hosted(0));
    says.message(|message| {
        let mut call = message.init_call();
        call.set_question_id(1);
        let mut answer = call.reborrow().init_target().init_promised_answer();
        answer.set_question_id(RESTRICTION);
        answer.init_transform(1).get(0).set_get_pointer_field(0);
        call.set_interface_id(MEMBRANE);
        call.set_method_id(GRAFT.1);
    });
    say(&says);
}

fn resolve(says: &mut Says, promise: u32, to: impl FnOnce(cap_descriptor::Builder<'_>)) {
    says.message(|message| {
        let mut resolve = message.init_resolve();
        resolve.set_promise_id(promise);
        to(resolve.init_cap());
    });
}

/// Calls, and never hears an answer. An error says which name it was that nobody knows.
pub(crate) fn deaf() {
    let name = "x".repeat(64 << 10);
    let mut streams = Streams::connect();
    streams.say_deaf(&Says::hello().0);
    for question in 0.. {
        let mut says = Says::default();
        says.call(question, GRAFT, |params| {
            let params: membrane::graft_params::Builder<'_> = params.get_content().init_as();
            params.init_names(1).set(0, &name);
        });
        says.finish(question, true);
        streams.say_deaf(&says.0);
    }
}

pub(crate) fn twice() {
    let streams = Streams::connect();
    let again = Streams::connect();
    drop((streams, again));
}

/// Ends in the middle of a message, with calls outstanding.
pub(crate) fn hangs_up() {
    let mut says = Says::hello();
    (0..1000).for_each(|question| says.call(question, GRAFT, |_| ()));
    let end = says.0.len() - 4;
    let mut streams = Streams::connect();
    streams.say(&says.0[..end]);
}

/// A message that is a structure with a pointer to a structure with a pointer, and so on.
pub(crate) fn nested() {
    let mut says = Says::hello();
    says.call(0, GRAFT, |params| {
        let mut pointer = params.get_content();
        for _ in 0..10_000 {
            let list: capnp::any_pointer_list::Builder<'_> = pointer.initn_as(1);
            pointer = list.get(0);
        }
    });
    says.call(1, GRAFT, |_| ());
    say(&says);
}

pub(crate) fn forged() {
    let mut says = Says::hello();
    (0..1000).for_each(|question| says.finish(question, true));
    says.call(0, GRAFT, |_| ());
    say(&says);
}
