//! How calls of graphs are written: in structures of the schema of authority, which has all that is needed.

use capnp::any_pointer;
use capnp::private::capability::{ClientHook, PipelineOp};
use ww_capnp::stem_capnp::{export, session};

use crate::player::Reply;

/// What a call carries: a session with its capabilities, whose epoch is what the object is to do.
pub(crate) fn write_call(
    root: any_pointer::Builder<'_>,
    token: usize,
    reply: Reply,
    params: impl ExactSizeIterator<Item = Box<dyn ClientHook>>,
) {
    let mut session: session::Builder<'_> = root.init_as();
    let [kind, place] = reply.numbers();
    let mut epoch = session.reborrow().init_epoch();
    epoch.set_number(token as u64);
    epoch.set_seq(kind);
    epoch.set_chain_id(place);
    let mut caps = session.init_caps(params.len() as u32);
    for (index, hook) in (0..).zip(params) {
        caps.reborrow().get(index).init_cap().set_as_capability(hook);
    }
}

/// The token of a call, what is to be done, and the capabilities.
pub(crate) type ReadCall = (usize, Reply, Vec<Box<dyn ClientHook>>);

/// What a call asks for.
pub(crate) fn read_call(root: any_pointer::Reader<'_>) -> capnp::Result<ReadCall> {
    let session: session::Reader<'_> = root.get_as()?;
    let epoch = session.get_epoch()?;
    let reply = Reply::of([epoch.get_seq(), epoch.get_chain_id()]);
    let mut params = Vec::new();
    for export in session.get_caps()? {
        params.push(export.get_cap().get_as_capability::<capnp::capability::Client>()?.hook);
    }
    Ok((epoch.get_number() as usize, reply, params))
}

/// Where the capability of an answer is.
pub(crate) const GIVEN: PipelineOp = PipelineOp::GetPointerField(1);

/// An answer: the number of the object, and what it gives.
pub(crate) fn write_answer(root: any_pointer::Builder<'_>, object: usize, given: Option<Box<dyn ClientHook>>) {
    let mut export: export::Builder<'_> = root.init_as();
    export.set_name(object.to_string());
    if let Some(hook) = given {
        export.init_cap().set_as_capability(hook);
    }
}

pub(crate) fn read_answer(root: any_pointer::Reader<'_>) -> capnp::Result<(usize, Option<Box<dyn ClientHook>>)> {
    let export: export::Reader<'_> = root.get_as()?;
    let object = export.get_name()?.to_str()?.parse().map_err(|_| capnp::Error::failed("no number".into()))?;
    let cap = export.get_cap();
    let given = if cap.is_null() { None } else { Some(cap.get_as_capability::<capnp::capability::Client>()?.hook) };
    Ok((object, given))
}
