//! What a guest says, message by message, whether that makes sense or not.

use capnp::capability::FromClientHook;
use capnp::message::{Builder, HeapAllocator};
use capnp::serialize;
use capnp::traits::ImbueMut;
use capnp::{Error, any_pointer};
use capnp_rpc::rpc_capnp::{message, payload};
use ww_call::{Caps, broken_client};

/// The host's object that a bootstrap gives: the first one that it lends.
const ROOT: u32 = 0;

/// A method, with the interface that declares it.
pub(crate) type Method = (u64, u16);

/// Bytes for the host.
#[derive(Default)]
pub(crate) struct Says(pub(crate) Vec<u8>);

impl Says {
    /// A guest that has the host's root.
    pub(crate) fn hello() -> Self {
        let mut says = Self::default();
        says.bootstrap(u32::MAX);
        says
    }

    pub(crate) fn message(&mut self, write: impl FnOnce(message::Builder<'_>)) {
        let mut builder = Builder::new(HeapAllocator::new().first_segment_words(32));
        write(builder.init_root());
        serialize::write_message(&mut self.0, &builder).expect("a vector takes everything");
    }

    pub(crate) fn bootstrap(&mut self, question: u32) {
        self.message(|message| message.init_bootstrap().set_question_id(question));
    }

    /// Calls the root.
    pub(crate) fn call(&mut self, question: u32, method: Method, params: impl FnOnce(payload::Builder<'_>)) {
        self.message(|message| {
            let mut call = message.init_call();
            call.set_question_id(question);
            call.reborrow().init_target().set_imported_cap(ROOT);
            call.set_interface_id(method.0);
            call.set_method_id(method.1);
            params(call.init_params());
        });
    }

    /// Calls what another call will return.
    pub(crate) fn call_on_answer(&mut self, question: u32, other: u32) {
        self.message(|message| {
            let mut call = message.init_call();
            call.set_question_id(question);
            call.init_target().init_promised_answer().set_question_id(other);
        });
    }

    /// Has done with a call: with the objects that it brought, or without them.
    pub(crate) fn finish(&mut self, question: u32, gives_back: bool) {
        self.message(|message| {
            let mut finish = message.init_finish();
            finish.set_question_id(question);
            finish.set_release_result_caps(gives_back);
        });
    }
}

/// Writes content that has pointers to the capabilities of the message, the first to the first, and so on.
pub(crate) fn with_capabilities(mut payload: payload::Builder<'_>, write: impl FnOnce(any_pointer::Builder<'_>)) {
    let mut caps: Caps = Vec::new();
    let mut content = payload.reborrow().get_content();
    content.imbue_mut(&mut caps);
    write(content);
}

/// What stands for a capability of the message while the pointer to it is written.
pub(crate) fn capability<C: FromClientHook>() -> C {
    C::new(broken_client(Error::failed("never called".into())))
}
