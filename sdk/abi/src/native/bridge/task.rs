//! Tasks of a plugin's that the node runs.

use std::cell::RefCell;
use std::ffi::c_void;
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::LocalBoxFuture;

use super::activity::Activity;
use super::border::Border;
use super::entry::within;
use super::waker::{LastWaker, lend};
use crate::{RawTask, RawWaker, TaskVtable};

static TASK: TaskVtable = TaskVtable { poll, drop: drop_task };

/// A task, on the plugin's side.
struct Task {
    border: Rc<Border>,
    future: RefCell<Option<LocalBoxFuture<'static, ()>>>,
    waker: LastWaker,
}

/// Hands over a task.
pub(super) fn hand_over(border: &Rc<Border>, future: impl Future<Output = ()> + 'static) -> RawTask {
    let future = RefCell::new(Some(future.boxed_local()));
    let task = Box::new(Task { border: border.clone(), future, waker: LastWaker::default() });
    RawTask { object: Box::into_raw(task).cast_const().cast(), vtable: &raw const TASK }
}

unsafe extern "C" fn poll(object: *const c_void, waker: *const RawWaker) -> bool {
    // SAFETY: the node holds the task while it polls it, and the waker is valid until we return.
    let (task, waker) = unsafe {
        let task = &*object.cast::<Task>();
        (task, task.waker.receive(waker))
    };
    let polled = within(&*task.border.entry, || {
        let future = task.future.take();
        let Some(mut future) = future else { return true };
        let ended = future.poll_unpin(&mut Context::from_waker(&waker)).is_ready();
        if !ended {
            task.future.replace(Some(future));
        }
        ended
    });
    // One that panicked is over; the entry may have noticed it.
    polled.unwrap_or(true)
}

unsafe extern "C" fn drop_task(object: *const c_void) {
    // SAFETY: the node drops the task once.
    let task = unsafe { Box::from_raw(object.cast_mut().cast::<Task>()) };
    let border = task.border.clone();
    // A panic has nobody to be told to; the entry may have noticed it.
    let _ = within(&*border.entry, || drop(task));
}

/// A task, on the node's side.
pub(super) struct Running {
    raw: RawTask,
    activity: Arc<Activity>,
}

impl Running {
    pub(super) fn new(raw: RawTask, activity: Arc<Activity>) -> Self {
        Self { raw, activity }
    }

    pub(super) fn go_on(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let _busy = self.activity.polling();
        // SAFETY: the task is ours until it is dropped, and the waker is valid until this returns. An ended task is not
        // polled again, since the work that it is ends with it.
        let ended = lend(context.waker(), |waker| unsafe { ((*self.raw.vtable).poll)(self.raw.object, waker) });
        if ended { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _busy = self.activity.dropping();
        // SAFETY: the task was ours, and is dropped once.
        unsafe { ((*self.raw.vtable).drop)(self.raw.object) };
    }
}
