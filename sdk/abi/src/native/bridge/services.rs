//! What a node does for a plugin, on either side.

use std::ffi::c_void;
use std::future::Future;
use std::rc::{Rc, Weak};
use std::sync::Arc;

use send_wrapper::SendWrapper;

use super::activity::Activity;
use super::border::Border;
use super::task::{Running, hand_over};
use super::text::bytes;
use crate::{RawServices, RawTask, ServicesVtable};

/// What a node does for one instance, besides running its tasks. Called from any thread.
pub trait HostServices: Send + Sync + 'static {
    /// Writes a line to the log.
    fn log(&self, level: u32, module: &str, text: &str);

    /// Whether lines of a level are written at all.
    fn enabled(&self, level: u32) -> bool;

    /// The instance says that it has failed.
    fn fail(&self, text: &str);
}

static SERVICES: ServicesVtable = ServicesVtable { log, enabled, fail, spawn };

struct Host {
    services: Box<dyn HostServices>,
    /// Of the worker's thread.
    border: SendWrapper<Weak<Border>>,
    activity: Arc<Activity>,
}

/// What an instance is given. It stays for the rest of the process's life: threads of a library that is never unloaded may
/// use it at any time.
pub(super) fn offer(border: &Rc<Border>, services: impl HostServices) -> RawServices {
    let host = Host {
        services: Box::new(services),
        border: SendWrapper::new(Rc::downgrade(border)),
        activity: border.activity.clone(),
    };
    RawServices { object: std::ptr::from_ref(Box::leak(Box::new(host))).cast(), vtable: &raw const SERVICES }
}

/// # Safety
/// `object` is what [`offer`] has leaked.
unsafe fn host<'a>(object: *const c_void) -> &'a Host {
    // SAFETY: as above.
    unsafe { &*object.cast::<Host>() }
}

/// # Safety
/// As [`bytes`].
unsafe fn text<'a>(start: *const u8, length: usize) -> std::borrow::Cow<'a, str> {
    // SAFETY: as above.
    String::from_utf8_lossy(unsafe { bytes(start, length) })
}

unsafe extern "C" fn log(
    object: *const c_void,
    level: u32,
    module: *const u8,
    module_length: usize,
    line: *const u8,
    length: usize,
) {
    // SAFETY: the object is ours, and the texts are valid until we return.
    let (host, module, line) = unsafe { (host(object), text(module, module_length), text(line, length)) };
    // A log that panics is no reason to end the node.
    let _ = ww_call::shield(|| host.services.log(level, &module, &line));
}

unsafe extern "C" fn enabled(object: *const c_void, level: u32) -> bool {
    // SAFETY: the object is ours.
    let host = unsafe { host(object) };
    ww_call::shield(|| host.services.enabled(level)).unwrap_or(false)
}

unsafe extern "C" fn fail(object: *const c_void, line: *const u8, length: usize) {
    // SAFETY: the object is ours, and the text is valid until we return.
    let (host, line) = unsafe { (host(object), text(line, length)) };
    let _ = ww_call::shield(|| host.services.fail(&line));
}

unsafe extern "C" fn spawn(object: *const c_void, task: RawTask) {
    // SAFETY: the object is ours.
    let host = unsafe { host(object) };
    if !host.border.valid() {
        // On another thread the task can be neither polled nor dropped.
        let _ = ww_call::shield(|| host.services.log(crate::Level::ERROR, "", "spawned a task off its worker"));
        return;
    }
    let running = Running::new(task, host.activity.clone());
    if let Some(border) = host.border.upgrade()
        && let Some(queue) = &border.queue
    {
        queue.spawn(running);
    }
}

/// The node's services, on a plugin's side. From any thread.
#[derive(Debug, Clone, Copy)]
pub struct Services(RawServices);

// SAFETY: the contract says that these are there for ever and used from any thread; only tasks are not, which `Border`
// hands over.
unsafe impl Send for Services {}
// SAFETY: as above.
unsafe impl Sync for Services {}

impl Services {
    pub(super) fn new(raw: RawServices) -> Self {
        Self(raw)
    }

    /// Writes a line to the node's log: a [`Level`](crate::Level), the module that says it, the text.
    pub fn log(&self, level: u32, module: &str, text: &str) {
        // SAFETY: the services are there for ever, and the texts are valid until this returns.
        unsafe {
            ((*self.0.vtable).log)(self.0.object, level, module.as_ptr(), module.len(), text.as_ptr(), text.len());
        }
    }

    /// Whether lines of a level are written at all.
    pub fn enabled(&self, level: u32) -> bool {
        // SAFETY: the services are there for ever.
        unsafe { ((*self.0.vtable).enabled)(self.0.object, level) }
    }

    /// Tells the node that this instance has failed.
    pub fn fail(&self, text: &str) {
        // SAFETY: the services are there for ever, and the text is valid until this returns.
        unsafe { ((*self.0.vtable).fail)(self.0.object, text.as_ptr(), text.len()) };
    }

    /// Runs a task on the worker until it ends or the instance is closed. Whoever has a border is on the worker's thread.
    pub fn spawn(&self, border: &Rc<Border>, future: impl Future<Output = ()> + 'static) {
        // SAFETY: the services are there for ever, and the task is the node's from now on.
        unsafe { ((*self.0.vtable).spawn)(self.0.object, hand_over(border, future)) };
    }
}
