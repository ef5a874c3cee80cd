//! A plugin that is written against the bare contract: neither the SDK nor any library for Cap'n Proto is in its tree. It
//! serves `Executor.echo`, with messages that it lays out and reads by hand.

mod object;
mod reader;
mod writer;

use object::Object;
use ww_abi::{Manifest, RawAnswer, RawCap, RawStart, Status};

/// The ids of the interfaces, from the schemas.
const PROVIDER: u64 = 0x8f2c_5e7a_90d1_b346;
const SERVICE: u64 = 0xd93b_61f4_ae27_c058;
const EXECUTOR: u64 = 0xd52f_8a6b_1c07_e938;

const NAME: &str = "bare";
const VERSION: &str = "0.1.0";
const DESCRIPTION: &str = "Says what it hears, with nothing but the contract";

ww_abi::manifest!(Manifest {
    name: NAME,
    version: VERSION,
    description: DESCRIPTION,
    interface: EXECUTOR,
    roles: &[],
    requires: &[],
});

ww_abi::export_root!(start);

unsafe extern "C" fn start(_start: *const RawStart, root: *mut RawCap, answer: *mut RawAnswer) {
    // SAFETY: the node has room for one of each, and reads them when this has returned.
    unsafe {
        root.write(Object::Provider.cap());
        (*answer).status = Status::DONE;
    }
}
