//! Objects. There are three, without any state, and they are there as long as the library is: nobody counts references.

use std::ffi::c_void;

use ww_abi::{CONTRACT, CapVtable, RawAnswer, RawCall, RawCap, RawText, Status};

use crate::reader::Params;
use crate::writer::Results;
use crate::{DESCRIPTION, EXECUTOR, NAME, PROVIDER, SERVICE, VERSION};

/// An object of this plugin's.
pub(crate) enum Object {
    /// What the node opens.
    Provider,
    /// What it attaches callers to.
    Service,
    /// What callers get.
    Executor,
}

static OBJECTS: [Object; 3] = [Object::Provider, Object::Service, Object::Executor];

static VTABLE: CapVtable = CapVtable { call, add_ref: leave, release: leave };

/// The kinds of errors.
const FAILED: u32 = 0;
const UNIMPLEMENTED: u32 = 3;

impl Object {
    /// A reference to it.
    pub(crate) fn cap(self) -> RawCap {
        let object: &'static Object = match self {
            Self::Provider => &OBJECTS[0],
            Self::Service => &OBJECTS[1],
            Self::Executor => &OBJECTS[2],
        };
        RawCap { object: (&raw const *object).cast(), vtable: &raw const VTABLE }
    }

    /// What a call on it returns.
    ///
    /// # Errors
    /// The kind of the error, and its text.
    fn answer(&self, interface: u64, method: u16, params: &Params<'_>) -> Result<Results, (u32, &'static str)> {
        match (self, interface, method) {
            (Self::Provider, PROVIDER, 0) => {
                Ok(Results::manifest(EXECUTOR, CONTRACT, [NAME, VERSION, DESCRIPTION].map(str::as_bytes)))
            }
            (Self::Provider, PROVIDER, 1) => Ok(Results::capability(Self::Service)),
            (Self::Provider, PROVIDER, 2) => Ok(Results::nothing()),
            (Self::Service, SERVICE, 0) => Ok(Results::capability(Self::Executor)),
            (Self::Executor, EXECUTOR, 1) => {
                params.text(0).map(|text| Results::text(&text)).ok_or((FAILED, "the message is no text"))
            }
            _ => Err((UNIMPLEMENTED, "there is no such method")),
        }
    }
}

unsafe extern "C" fn call(object: *const c_void, call: *const RawCall, answer: *mut RawAnswer) {
    // SAFETY: the node calls with what it got from `cap`, and with a call and an answer that are there until this returns.
    let (object, call, answer) = unsafe { (&*object.cast::<Object>(), &*call, &mut *answer) };
    // SAFETY: what the call carries is the callee's, and nobody else frees it.
    let params = unsafe { Params::take(&call.params) };
    match object.answer(call.interface, call.method, &params) {
        // SAFETY: the answer is as the caller has prepared it.
        Ok(results) => unsafe { results.put(answer) },
        Err((kind, text)) => {
            answer.status = Status::FAILED;
            answer.kind = kind;
            answer.text = RawText { bytes: text.as_ptr(), length: text.len(), ..RawText::EMPTY };
        }
    }
}

unsafe extern "C" fn leave(_object: *const c_void) {}
