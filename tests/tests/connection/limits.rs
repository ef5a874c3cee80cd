//! What is bounded, and what becomes of a guest that goes beyond.

use capnp::capability::Client;
use capnp::{any_pointer, any_pointer_list};
use futures::FutureExt;
use ww_call::limits::{MAX_CAPS, MAX_MESSAGE_WORDS, MAX_PIPELINE_DEPTH, MAX_SEGMENTS};
use ww_cell::Exit;
use ww_cell::limits::{CALLS, EMBARGOES, GIVEN_UP, HELD_BYTES, OBJECTS, QUEUED_BYTES, RPC_MESSAGE_WORDS};
use ww_conformance::conformance_capnp::peer;
use ww_tests::node;
use ww_tests::process::Place;

use crate::guest::{self, Ears, GUEST, run};
use crate::method;
use crate::says::{Method, Says, capability, with_capabilities};

/// Checks by which limit a guest ends.
#[track_caller]
fn ends_by(says: &Says, ears: Ears, line: &str) {
    match run(says, ears).0 {
        Exit::Limit(limit) => assert_eq!(limit.to_string(), format!("connection: {line}")),
        other => panic!("{other:?} instead of {line}"),
    }
}

/// The same for a number of bytes that depends on how long a message turns out to be.
#[track_caller]
fn ends_by_bytes(says: &Says, ears: Ears, what: &str, limit: usize) {
    let Exit::Limit(reached) = run(says, ears).0 else { panic!("it was not ended") };
    let (text, end) = (reached.to_string(), format!(" bytes {what}, the limit is {limit}"));
    let bytes = text.strip_prefix("connection: the guest has ").and_then(|text| text.strip_suffix(&end));
    let bytes: usize = bytes.and_then(|bytes| bytes.parse().ok()).unwrap_or_else(|| panic!("{text}"));
    // Not later than with the message that was one too many.
    assert!((limit + 1..limit + (2 << 20)).contains(&bytes), "{text}");
}

/// Checks that a guest ends by itself, with all that it said heard: the last is that a gate opens.
#[track_caller]
fn is_heard(mut says: Says) {
    says.call(u32::MAX - 1, method::OPEN, |params| {
        params.get_content().init_as::<peer::open_params::Builder<'_>>().set_gate(1);
    });
    let (exit, site) = run(&says, Ears::Open);
    assert_eq!(exit, Exit::Code(0));
    let mut request = site.peer().echo_when_request();
    request.get().set_gate(1);
    assert!(request.send().promise.now_or_never().is_some(), "the gate is closed");
}

fn announces(segments: &[u32]) -> Says {
    let mut says = Says::hello();
    says.0.extend((segments.len() as u32 - 1).to_le_bytes());
    segments.iter().for_each(|words| says.0.extend(words.to_le_bytes()));
    says.0.resize(says.0.len().next_multiple_of(8), 0);
    says
}

#[test]
fn eight_bytes_cannot_announce_64_mib() {
    let line = format!("message refused: 8388608 words, the limit is {RPC_MESSAGE_WORDS}");
    ends_by(&announces(&[8 << 20]), Ears::Open, &line);

    // And as its operator reads it.
    let place = Place::new();
    let image = place.image("announces", GUEST.component());
    let ended = node::run(&place, &image, &["rpc"], &guest::input(&announces(&[8 << 20]), Ears::Open)).exits(126);
    assert_eq!(ended.stderr, format!("error: guest 'announces' was ended by a limit: connection: {line}\n"));
}

#[test]
fn a_message_has_at_most_512_segments() {
    let line = format!("message refused: 513 segments, the limit is {MAX_SEGMENTS}");
    ends_by(&announces(&[1; MAX_SEGMENTS + 1]), Ears::Open, &line);
}

/// A bootstrap with so many words of nothing in a segment of their own.
fn of_words(words: usize) -> Says {
    let mut says = Says::hello();
    let mut bootstrap = Says::default();
    bootstrap.bootstrap(1);
    let message = &bootstrap.0[8..];
    let nothing = words - message.len() / 8;
    says.0.extend([1, message.len() as u32 / 8, nothing as u32, 0].iter().flat_map(|number| number.to_le_bytes()));
    says.0.extend(message);
    says.0.resize(says.0.len() + nothing * 8, 0);
    says
}

#[test]
fn the_longest_message_is_heard_and_one_word_more_is_not() {
    is_heard(of_words(RPC_MESSAGE_WORDS));
    let line = format!("message refused: {} words, the limit is {RPC_MESSAGE_WORDS}", RPC_MESSAGE_WORDS + 1);
    ends_by(&of_words(RPC_MESSAGE_WORDS + 1), Ears::Open, &line);
}

/// A call that stays, and lends objects of the guest's from `first` on.
fn lend(says: &mut Says, question: u32, first: u32, count: usize) {
    says.call(question, method::NEVER, |mut params| {
        let mut table = params.reborrow().init_cap_table(count as u32);
        (0..count as u32).for_each(|index| table.reborrow().get(index).set_sender_hosted(first + index));
        with_capabilities(params, |content| {
            let mut list = content.initn_as(count as u32);
            (0..count as u32).for_each(|index| any_in(&mut list, index).set_as_capability(capability::<Client>().hook));
        });
    });
}

/// Calls that stay, and lend so many objects.
fn lends(count: usize) -> Says {
    let mut says = Says::hello();
    for (question, first) in (0..count).step_by(MAX_CAPS).enumerate() {
        lend(&mut says, question as u32, first as u32, MAX_CAPS.min(count - first));
    }
    says
}

#[test]
fn a_message_carries_at_most_4096_capabilities() {
    is_heard(lends(MAX_CAPS));
    let mut says = Says::hello();
    lend(&mut says, 0, 0, MAX_CAPS + 1);
    ends_by(&says, Ears::Open, &format!("message refused: 4097 capabilities, the limit is {MAX_CAPS}"));
}

#[test]
fn the_host_holds_at_most_16384_objects_of_a_guest() {
    is_heard(lends(OBJECTS));
    ends_by(
        &lends(OBJECTS + 1),
        Ears::Open,
        &format!("the guest has 16385 objects with the host, the limit is {OBJECTS}"),
    );
}

#[test]
fn a_guest_holds_at_most_16384_objects_of_the_host() {
    let counters = |count: usize| {
        let mut says = Says::hello();
        // Two with each call, and the root.
        (0..count as u32 / 2).for_each(|question| {
            says.call(question, method::COUNTER, |_| ());
            says.finish(question, false);
        });
        says
    };
    is_heard(counters(OBJECTS - 2));
    ends_by(
        &counters(OBJECTS),
        Ears::Open,
        &format!("the guest has 16385 objects of the host's, the limit is {OBJECTS}"),
    );
}

#[test]
fn objects_that_are_given_back_with_their_call_are_not_held() {
    let mut says = Says::hello();
    (0..OBJECTS as u32).for_each(|question| {
        says.call(question, method::COUNTER, |_| ());
        says.finish(question, true);
    });
    is_heard(says);
}

#[test]
fn a_guest_has_at_most_8192_calls_outstanding() {
    let bootstraps = |count: usize| {
        let mut says = Says::hello();
        (1..count as u32).for_each(|question| says.bootstrap(question));
        says
    };
    // The last one is the call that says that all were heard.
    is_heard(bootstraps(CALLS - 1));
    ends_by(&bootstraps(CALLS + 1), Ears::Open, &format!("the guest has 8193 calls outstanding, the limit is {CALLS}"));
}

#[test]
fn calls_that_are_answered_in_full_are_not_outstanding() {
    let mut says = Says::hello();
    for question in 0..CALLS as u32 * 2 {
        // Without capabilities in its results it need not be finished.
        says.call(question, method::OPEN, |_| ());
    }
    is_heard(says);
}

#[test]
fn a_guest_gives_up_at_most_65536_calls() {
    let mut says = Says::hello();
    (0..GIVEN_UP as u32 + 1).for_each(|question| {
        says.call(question, method::NEVER, |_| ());
        says.finish(question, true);
    });
    let line = format!("the guest has 65537 calls that it gave up, the limit is {GIVEN_UP}");
    ends_by(&says, Ears::Open, &line);
}

/// A call with the longest parameters that there can be, one of the guest's objects among them.
fn long_call(says: &mut Says, question: u32, method: Method) {
    says.call(question, method, |mut params| {
        params.reborrow().init_cap_table(1).get(0).set_sender_hosted(0);
        with_capabilities(params, |content| {
            let mut list = content.init_as::<peer::echo_any_params::Builder<'_>>().get_content().initn_as(2);
            let data = vec![7; MAX_MESSAGE_WORDS * 8 - 256];
            any_in(&mut list, 0).set_as::<capnp::data::Owned>(&*data).expect("it fits");
            any_in(&mut list, 1).set_as_capability(capability::<Client>().hook);
        });
    });
}

/// Such calls, one after the other.
fn long(method: Method, count: u32, finish: bool) -> Says {
    let mut says = Says::hello();
    for question in 0..count {
        long_call(&mut says, question, method);
        if finish {
            says.finish(question, true);
        }
    }
    says
}

fn any_in<'a>(list: &'a mut any_pointer_list::Builder<'_>, index: u32) -> any_pointer::Builder<'a> {
    list.reborrow().get(index)
}

#[test]
fn a_guest_has_at_most_8_mib_of_parameters_outstanding() {
    is_heard(long(method::NEVER, 8, false));
    ends_by_bytes(&long(method::NEVER, 9, false), Ears::Open, "of parameters outstanding", HELD_BYTES);
    // Those of calls that are over are not held, but those of a call that goes on are.
    is_heard(long(method::NEVER, 20, true));
    let mut says = Says::hello();
    for question in 0..9 {
        long_call(&mut says, question, method::NEVER);
        says.call_on_answer(100 + question, question);
        says.finish(question, true);
    }
    ends_by_bytes(&says, Ears::Open, "of parameters outstanding", HELD_BYTES);
}

#[test]
fn a_guest_has_at_most_8_mib_of_results_that_it_is_not_done_with() {
    is_heard(long(method::ECHO_ANY, 8, false));
    ends_by_bytes(&long(method::ECHO_ANY, 9, false), Ears::Open, "of results not finished", HELD_BYTES);
    is_heard(long(method::ECHO_ANY, 20, true));
}

#[test]
fn a_guest_leaves_at_most_8_mib_unread() {
    let produces = |count: u32, bytes: u64| {
        let mut says = Says::hello();
        (0..count).for_each(|question| {
            says.call(question, method::PRODUCE, |params| {
                params.get_content().init_as::<peer::produce_params::Builder<'_>>().set_bytes(bytes);
            });
        });
        says
    };
    is_heard(produces(40, 1 << 19));
    // It has so much to say that it never comes to read.
    ends_by_bytes(&produces(8192, 1 << 19), Ears::Shut, "unread", QUEUED_BYTES);
}

#[test]
fn a_guest_lets_calls_pass_to_at_most_16384_promises_late() {
    let promises = |count: usize| {
        let mut says = Says::hello();
        for question in 0..count as u32 {
            // The host calls a promise of the guest's, which turns out to be the host's own root.
            says.call(question, method::CALL_BACK, |mut params| {
                params.reborrow().init_cap_table(1).get(0).set_sender_promise(question);
                with_capabilities(params, |content| {
                    let mut params: peer::call_back_params::Builder<'_> = content.init_as();
                    params.set_times(1);
                    params.set_counter(capability());
                });
            });
            says.message(|message| {
                let mut resolve = message.init_resolve();
                resolve.set_promise_id(question);
                resolve.init_cap().set_receiver_hosted(0);
            });
            says.finish(question, true);
        }
        says
    };
    is_heard(promises(EMBARGOES));
    let line = format!("the guest has 16385 promises that it holds calls back from, the limit is {EMBARGOES}");
    ends_by(&promises(EMBARGOES + 1), Ears::Open, &line);
}

#[test]
fn promises_of_a_guest_turn_out_to_be_one_another_up_to_the_limit() {
    let row = |count: u32| {
        let mut says = Says::hello();
        // The host has the first one as long as the call lasts.
        says.call(0, method::NEVER, |mut params| {
            params.reborrow().init_cap_table(1).get(0).set_sender_promise(0);
            with_capabilities(params, |content| {
                let mut list = content.initn_as(1);
                any_in(&mut list, 0).set_as_capability(capability::<Client>().hook);
            });
        });
        for promise in 0..count {
            says.message(|message| {
                let mut resolve = message.init_resolve();
                resolve.set_promise_id(promise);
                resolve.init_cap().set_sender_promise(promise + 1);
            });
        }
        says
    };
    is_heard(row(MAX_PIPELINE_DEPTH));
    let line = format!("the guest has 65 promises of promises in a row, the limit is {MAX_PIPELINE_DEPTH}");
    ends_by(&row(MAX_PIPELINE_DEPTH + 1), Ears::Open, &line);
}
