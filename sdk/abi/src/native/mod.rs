//! What crosses the border between a node and a native plugin.

#[cfg(feature = "call")]
pub mod bridge;
mod call;
mod cap;
mod future;
mod message;
mod root;
mod services;
mod waker;

pub use abi_stable;
pub use call::{RawAnswer, RawCall, RawText, Status};
pub use cap::{CapVtable, RawCap};
pub use future::{FutureVtable, RawFuture};
pub use message::{RawMessage, RawSegment, SHORT_WORDS};
pub use root::{RawStart, Root, RootRef};
pub use services::{RawServices, RawTask, ServicesVtable, TaskVtable};
pub use waker::{RawWaker, WakerVtable};
