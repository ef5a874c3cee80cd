//! Objects of the other side's.

use std::any::Any;
use std::cell::Cell;
use std::mem::MaybeUninit;
use std::rc::Rc;

use ww_call::{Answer, Call, Target};

use super::border::Border;
use super::message::{receive_results, with_params};
use super::pull::Pull;
use super::text::receive_error;
use crate::{RawAnswer, RawCall, RawCap, SHORT_WORDS, Status};

/// An object of the other side's, with the one reference that all holders on this side share.
pub(super) struct Import {
    border: Rc<Border>,
    raw: RawCap,
    /// Whether the reference was given back.
    gone: Cell<bool>,
}

impl Import {
    pub(super) fn new(border: Rc<Border>, raw: RawCap) -> Self {
        Self { border, raw, gone: Cell::new(false) }
    }

    /// A reference for the side that the object is of, where that is the other side of `border`.
    pub(super) fn home(&self, border: &Rc<Border>) -> Option<RawCap> {
        if self.gone.get() || !Rc::ptr_eq(&self.border, border) {
            return None;
        }
        // SAFETY: we hold a reference.
        unsafe { ((*self.raw.vtable).add_ref)(self.raw.object) };
        Some(self.raw)
    }

    /// Gives back a reference to the same object that came on another way.
    pub(super) fn give_back(&self, raw: RawCap) {
        let _busy = self.border.activity.dropping();
        // SAFETY: the reference was handed over to us, and is spent here.
        unsafe { ((*raw.vtable).release)(raw.object) };
    }

    /// The border has ended: the object is let go, whoever holds it here.
    pub(super) fn close(&self) {
        if !self.gone.replace(true) {
            self.give_back(self.raw);
        }
    }

    fn send(&self, call: Call) -> capnp::Result<Answer> {
        self.border.open()?;
        let Call { interface, method, streaming, params } = call;
        let bytes = self.border.held.room_for(&params)?;
        let mut room = [const { MaybeUninit::<u64>::uninit() }; SHORT_WORDS];
        let mut answer = RawAnswer::with_room(room.as_mut_ptr().cast(), SHORT_WORDS);
        with_params(&self.border, params, |params| {
            let call = RawCall { interface, method, streaming, params };
            let _busy = self.border.activity.calling(interface, method);
            // SAFETY: we hold a reference, and call and answer are valid until this returns.
            unsafe { ((*self.raw.vtable).call)(self.raw.object, &raw const call, &raw mut answer) };
        })?;
        Ok(match answer.status {
            Status::DONE => Answer::Done(receive_results(&self.border, &answer)?),
            Status::PENDING if !answer.future.vtable.is_null() => Pull::start(&self.border, answer.future, bytes),
            _ => Answer::Failed(receive_error(&answer)),
        })
    }
}

impl Target for Import {
    fn call(&self, call: Call) -> Answer {
        self.send(call).unwrap_or_else(Answer::Failed)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Drop for Import {
    fn drop(&mut self) {
        self.border.forget_import(self.raw);
        self.close();
    }
}
