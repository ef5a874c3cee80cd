//! How an instance begins, on either side.

use std::rc::Rc;
use std::sync::Arc;

use capnp::Error;
use capnp::private::capability::ClientHook;

use super::activity::Activity;
use super::border::Border;
use super::entry::{Directly, Entry, within};
use super::queue::Queue;
use super::services::{HostServices, Services, offer};
use super::text::{bytes, receive_error, send_error};
use crate::{RawAnswer, RawCap, RawStart, RootRef, Status};

/// Starts an instance of a plugin, under the name that the operator gave it. The result is the node's side of the border,
/// which goes on while [`Border::run`] does, and the instance's capability. What the plugin does shows in `activity`.
///
/// # Errors
/// What the plugin says.
pub fn connect(
    root: RootRef,
    name: &str,
    services: impl HostServices,
    activity: Arc<Activity>,
) -> capnp::Result<(Rc<Border>, Box<dyn ClientHook>)> {
    let border = Border::new(Box::new(Directly), Some(Queue::default()), activity);
    let start = RawStart { name: name.as_ptr(), name_length: name.len(), services: offer(&border, services) };
    let (mut cap, mut answer) = (RawCap::NULL, RawAnswer::with_room(std::ptr::null_mut(), 0));
    let starting = border.activity.starting();
    // SAFETY: the function is the plugin's, whose layout was checked when its root was loaded; all three are valid until
    // it returns.
    unsafe { root.start()(&raw const start, &raw mut cap, &raw mut answer) };
    drop(starting);
    if answer.status != Status::DONE {
        return Err(receive_error(&answer));
    }
    let cap = border.receive_cap(cap).ok_or_else(|| Error::failed("it started without a capability".into()))?;
    Ok((border, cap))
}

/// What an instance starts with.
pub struct Started {
    /// The name that the operator gave it.
    pub name: String,
    /// What the node does for it.
    pub services: Services,
    /// Its side of the border.
    pub border: Rc<Border>,
}

/// A plugin's [`Root::start`](crate::Root::start): makes the instance's capability, within `entry`.
///
/// # Safety
/// The pointers are those that the function was called with.
pub unsafe fn start(
    start: *const RawStart,
    root: *mut RawCap,
    answer: *mut RawAnswer,
    entry: impl Entry,
    make: impl FnOnce(Started) -> capnp::Result<Box<dyn ClientHook>>,
) {
    // SAFETY: all three are valid until we return.
    let (start, root, answer) = unsafe { (&*start, &mut *root, &mut *answer) };
    // SAFETY: as above.
    let name = String::from_utf8_lossy(unsafe { bytes(start.name, start.name_length) }).into_owned();
    let border = Border::new(Box::new(entry), None, Arc::default());
    let started = Started { name, services: Services::new(start.services), border: border.clone() };
    let made = within(&*border.entry, || Ok(border.export(make(started)?)));
    match made.and_then(|made| made) {
        Ok(cap) => {
            *root = cap;
            answer.status = Status::DONE;
        }
        Err(error) => send_error(&error, answer),
    }
}
