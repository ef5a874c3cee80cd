//! Objects of ours that the other side holds.

use std::cell::RefCell;
use std::ffi::c_void;
use std::rc::Rc;

use capnp::Error;
use capnp::private::capability::ClientHook;
use ww_call::{Answer, Call, PendingCall, Target};

use super::border::Border;
use super::entry::within;
use super::flight::Flight;
use super::message::{receive, send_results};
use super::text::send_error;
use crate::{CapVtable, RawAnswer, RawCall, RawCap, Status};

/// Two hooks of one brand and one pointer are the same object.
pub(super) type Identity = (usize, usize);

static CAP: CapVtable = CapVtable { call, add_ref, release };

/// An object of ours, for as long as the other side holds references to it.
pub(super) struct Export {
    border: Rc<Border>,
    identity: Identity,
    object: RefCell<Option<Object>>,
}

type Object = (Box<dyn ClientHook>, Rc<dyn Target>);

impl Export {
    pub(super) fn new(
        border: Rc<Border>,
        identity: Identity,
        hook: Box<dyn ClientHook>,
        target: Rc<dyn Target>,
    ) -> Rc<Self> {
        Rc::new(Self { border, identity, object: RefCell::new(Some((hook, target))) })
    }

    /// The border has ended: the object is let go, whoever still holds references to it.
    pub(super) fn close(&self) {
        let object = self.object.take();
        drop(object);
    }

    fn target(&self) -> capnp::Result<Rc<dyn Target>> {
        self.border.open()?;
        let object = self.object.borrow();
        object
            .as_ref()
            .map(|(_, target)| target.clone())
            .ok_or_else(|| Error::disconnected("the object is gone".into()))
    }

    fn call(&self, raw: &RawCall, answer: &mut RawAnswer) -> capnp::Result<()> {
        // Received in any case: what the call carries is ours to give back.
        let params = receive(&self.border, &raw.params)?;
        let target = self.target()?;
        let call = Call { interface: raw.interface, method: raw.method, streaming: raw.streaming, params };
        if let Some(queue) = &self.border.queue {
            let flight = queue.call(&self.border, target, call)?;
            pend(flight, answer);
            return Ok(());
        }
        let outcome = target.call(call);
        // The call may have been the last one.
        self.border.open()?;
        match outcome {
            Answer::Done(message) => send_results(&self.border, Rc::new(message), answer)?,
            Answer::Failed(error) => return Err(error),
            Answer::Pending(pending) => pend(Flight::in_place(&self.border, PendingCall::new(pending)), answer),
        }
        Ok(())
    }
}

impl Drop for Export {
    fn drop(&mut self) {
        self.border.forget_export(&self.identity);
        if let (Some(queue), Some(object)) = (&self.border.queue, self.object.take()) {
            queue.bury(Box::new(object));
        }
    }
}

fn pend(flight: Rc<Flight>, answer: &mut RawAnswer) {
    answer.status = Status::PENDING;
    answer.future = flight.raw();
}

/// A reference of the other side's.
pub(super) fn raw(export: Rc<Export>) -> RawCap {
    RawCap { object: Rc::into_raw(export).cast(), vtable: &raw const CAP }
}

/// Our own object, where `raw` is one of this border's; the reference is spent then.
pub(super) fn own(border: &Rc<Border>, raw: RawCap) -> Option<Box<dyn ClientHook>> {
    if !std::ptr::eq(raw.vtable, &raw const CAP) {
        return None;
    }
    // SAFETY: the table is ours, so the object is an `Export` that the reference keeps alive.
    let export = unsafe { &*raw.object.cast::<Export>() };
    if !Rc::ptr_eq(&export.border, border) {
        // Of another instance of the same library: as foreign as any.
        return None;
    }
    let hook = export.object.borrow().as_ref().map(|(hook, _)| hook.add_ref());
    // SAFETY: the reference was handed over to us, and is spent here.
    unsafe { release(raw.object) };
    Some(hook.unwrap_or_else(|| ww_call::broken_client(Error::disconnected("the object is gone".into()))))
}

unsafe extern "C" fn call(object: *const c_void, call: *const RawCall, answer: *mut RawAnswer) {
    // SAFETY: the other side holds a reference for as long as it calls. The call may give that back, so we take one.
    let export = unsafe {
        add_ref(object);
        Rc::from_raw(object.cast::<Export>())
    };
    // SAFETY: both are valid until we return, and the answer is ours to fill in.
    let (call, answer) = unsafe { (&*call, &mut *answer) };
    let border = export.border.clone();
    let called = within(&*border.entry, || {
        let called = export.call(call, answer);
        drop(export);
        called
    });
    if let Err(error) = called.and_then(|called| called) {
        send_error(&error, answer);
    }
}

unsafe extern "C" fn add_ref(object: *const c_void) {
    // SAFETY: the object is an `Export` that the other side holds a reference to.
    unsafe { Rc::increment_strong_count(object.cast::<Export>()) };
}

unsafe extern "C" fn release(object: *const c_void) {
    // SAFETY: the object is an `Export` of which the other side gives back a reference.
    let export = unsafe { Rc::from_raw(object.cast::<Export>()) };
    if Rc::strong_count(&export) > 1 {
        return;
    }
    let border = export.border.clone();
    // A panic of the object's own drop has nobody to be told to; the entry may have noticed it.
    let _ = within(&*border.entry, || drop(export));
}
