//! Messages of the RPC protocol, made of any bytes: each is well formed, and says what the bytes say.

use capnp::capability::FromClientHook;
use capnp::message::Builder;
use capnp::private::capability::ClientHook;
use capnp::serialize;
use capnp::traits::ImbueMut;
use capnp_rpc::rpc_capnp::{
    cap_descriptor, disembargo, exception, message, message_target, payload, promised_answer, resolve, return_,
};
use ww_call::{Caps, broken_client};
use ww_capnp::stem_capnp::membrane::{restrict_params, restrict_results};

use crate::bytes::Bytes;

/// Messages in one input at most.
const MESSAGES: usize = 200;

/// The interfaces that something here serves: the service's own, and the Membrane's.
const INTERFACES: [u64; 3] = [0x8e2d_41f7_0b63_9ac5, 0xe3a1_f5d8_6b0c_4733, 0xf6b8_3d0a_72c9_1e5c];

/// The messages that `bytes` stand for, as they go over a stream.
pub(super) fn encode(bytes: &mut Bytes<'_>) -> Vec<u8> {
    let mut stream = Vec::new();
    for _ in 0..MESSAGES {
        if bytes.is_empty() {
            break;
        }
        let mut builder = Builder::new_default();
        write(bytes, builder.init_root());
        // A vector takes everything.
        let _ = serialize::write_message(&mut stream, &builder);
    }
    stream
}

fn write(bytes: &mut Bytes<'_>, message: message::Builder<'_>) {
    match bytes.byte() % 16 {
        0 => message.init_bootstrap().set_question_id(id(bytes)),
        1..=5 => call(bytes, message),
        6 | 7 => answer(bytes, message.init_return()),
        8 => {
            let mut finish = message.init_finish();
            finish.set_question_id(id(bytes));
            finish.set_release_result_caps(bytes.byte() & 1 == 0);
        }
        9 => {
            let mut release = message.init_release();
            release.set_id(id(bytes));
            release.set_reference_count(id(bytes));
        }
        10 => resolves(bytes, message.init_resolve()),
        11 | 12 => disembargoes(bytes, message.init_disembargo()),
        13 => fails(bytes, message.init_abort()),
        14 => unimplemented(bytes, message.init_unimplemented()),
        _ => unknown(bytes, message),
    }
}

/// Mostly one that is in use.
fn id(bytes: &mut Bytes<'_>) -> u32 {
    match bytes.byte() {
        0xff => bytes.number::<4>() as u32,
        byte => u32::from(byte % 5),
    }
}

fn call(bytes: &mut Bytes<'_>, message: message::Builder<'_>) {
    let mut call = message.init_call();
    call.set_question_id(id(bytes));
    target(bytes, call.reborrow().init_target());
    let interface = match bytes.byte() % 8 {
        0 => bytes.number::<8>(),
        1..=3 => INTERFACES[1],
        4 => INTERFACES[2],
        _ => INTERFACES[0],
    };
    call.set_interface_id(interface);
    call.set_method_id(bytes.number::<2>() as u16);
    match bytes.byte() % 8 {
        0 => call.reborrow().init_send_results_to().set_yourself(()),
        1 => drop(call.reborrow().init_send_results_to().init_third_party()),
        _ => {}
    }
    content(bytes, call.init_params());
}

fn target(bytes: &mut Bytes<'_>, mut target: message_target::Builder<'_>) {
    match bytes.byte() % 2 {
        0 => target.set_imported_cap(id(bytes)),
        _ => promised(bytes, target.init_promised_answer()),
    }
}

fn promised(bytes: &mut Bytes<'_>, mut answer: promised_answer::Builder<'_>) {
    answer.set_question_id(id(bytes));
    let count = u32::from(bytes.byte() % 4);
    let mut transform = answer.init_transform(count);
    for index in 0..count {
        match bytes.byte() {
            0xff => transform.reborrow().get(index).set_noop(()),
            byte => transform.reborrow().get(index).set_get_pointer_field(u16::from(byte % 4)),
        }
    }
}

/// Something for a server to read, and a table of capabilities that need not fit.
fn content(bytes: &mut Bytes<'_>, mut payload: payload::Builder<'_>) {
    let count = u32::from(bytes.byte() % 4);
    let mut table = payload.reborrow().init_cap_table(count);
    for index in 0..count {
        describe(bytes, table.reborrow().get(index));
    }
    // Pointers to capabilities are numbered from here on.
    let mut caps: Caps = (0..bytes.byte() % 3).map(|_| None).collect();
    let mut content = payload.reborrow().get_content();
    content.imbue_mut(&mut caps);
    match bytes.byte() % 8 {
        0 => {}
        1 => content.set_as::<capnp::data::Owned>(bytes.take(20)).expect("a list of bytes fits"),
        2 | 3 => {
            let mut params: restrict_params::Builder<'_> = content.init_as();
            params.set_interface_id(INTERFACES[0]);
            params.set_calls(bytes.byte().into());
            params.init_cap().set_as_capability(nothing());
        }
        _ => {
            let mut results: restrict_results::Builder<'_> = content.init_as();
            results.reborrow().init_cap().set_as_capability(nothing());
            results.set_revoker(FromClientHook::new(nothing()));
        }
    }
}

/// What stands for a capability while the pointer to it is written.
fn nothing() -> Box<dyn ClientHook> {
    broken_client(capnp::Error::failed("never called".into()))
}

fn describe(bytes: &mut Bytes<'_>, mut descriptor: cap_descriptor::Builder<'_>) {
    match bytes.byte() % 8 {
        0 => descriptor.set_none(()),
        1 | 2 => descriptor.set_sender_hosted(id(bytes)),
        3 => descriptor.set_sender_promise(id(bytes)),
        4 | 5 => descriptor.set_receiver_hosted(id(bytes)),
        6 => promised(bytes, descriptor.init_receiver_answer()),
        _ => descriptor.init_third_party_hosted().set_vine_id(id(bytes)),
    }
}

fn answer(bytes: &mut Bytes<'_>, mut answer: return_::Builder<'_>) {
    answer.set_answer_id(id(bytes));
    answer.set_release_param_caps(bytes.byte() & 1 == 0);
    match bytes.byte() % 8 {
        0 => answer.set_canceled(()),
        1 => answer.set_results_sent_elsewhere(()),
        2 => answer.set_take_from_other_question(id(bytes)),
        3 => drop(answer.init_accept_from_third_party()),
        4 => fails(bytes, answer.init_exception()),
        _ => content(bytes, answer.init_results()),
    }
}

fn fails(bytes: &mut Bytes<'_>, mut exception: exception::Builder<'_>) {
    let types = [exception::Type::Failed, exception::Type::Overloaded, exception::Type::Disconnected];
    exception.set_type(types[usize::from(bytes.byte() % 3)]);
    exception.set_reason("as it was told to");
}

fn resolves(bytes: &mut Bytes<'_>, mut resolve: resolve::Builder<'_>) {
    resolve.set_promise_id(id(bytes));
    match bytes.byte() % 4 {
        0 => fails(bytes, resolve.init_exception()),
        _ => describe(bytes, resolve.init_cap()),
    }
}

fn disembargoes(bytes: &mut Bytes<'_>, mut disembargo: disembargo::Builder<'_>) {
    target(bytes, disembargo.reborrow().init_target());
    let mut context = disembargo.init_context();
    match bytes.byte() % 4 {
        0 => context.set_sender_loopback(id(bytes)),
        1 => context.set_receiver_loopback(id(bytes)),
        2 => context.set_accept(()),
        _ => context.set_provide(id(bytes)),
    }
}

/// Says of a message that it was not understood.
fn unimplemented(bytes: &mut Bytes<'_>, inner: message::Builder<'_>) {
    match bytes.byte() % 4 {
        0 => inner.init_bootstrap().set_question_id(id(bytes)),
        1 => resolves(bytes, inner.init_resolve()),
        2 => call(bytes, inner),
        _ => drop(inner.init_unimplemented()),
    }
}

/// Messages of the levels of the protocol that nobody here speaks.
fn unknown(bytes: &mut Bytes<'_>, message: message::Builder<'_>) {
    match bytes.byte() % 3 {
        0 => message.init_provide().set_question_id(id(bytes)),
        1 => message.init_accept().set_question_id(id(bytes)),
        _ => message.init_join().set_question_id(id(bytes)),
    }
}
