//! Work that may block goes to the blocking pool: never to a worker, on which other cells run.

use super::error::{FsError, FsResult};
use std::cell::{Cell, RefCell};
use std::io;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// How many things a worker lets wait to be dropped. They wait for the next job, since a hop for each would cost as much
/// as the job itself; a few, since each can be an open file.
const MAX_WAITING: usize = 16;

thread_local! {
    /// What the next job of this thread drops before anything else.
    static WAITING: RefCell<Vec<Box<dyn Send>>> = const { RefCell::new(Vec::new()) };
    /// Whether this thread runs jobs.
    static RUNS_JOBS: Cell<bool> = const { Cell::new(false) };
}

#[cfg(test)]
thread_local! {
    /// How many jobs this thread has started.
    pub(super) static JOBS: Cell<usize> = const { Cell::new(0) };
}

/// Runs a job on the blocking pool. What was let go before on this thread is gone when it starts.
pub(crate) async fn run<T: Send + 'static>(job: impl FnOnce() -> FsResult<T> + Send + 'static) -> FsResult<T> {
    start(job).await.unwrap_or_else(|error| Err(FsError::Io(format!("a file job did not end: {error}"))))
}

/// Starts a job like [`run`], and leaves it to the caller to wait for it.
pub(crate) fn start<T: Send + 'static>(job: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    #[cfg(test)]
    JOBS.set(JOBS.get() + 1);
    let waiting = WAITING.take();
    tokio::task::spawn_blocking(move || {
        // For good: what the job returns is dropped here too, after it, where nobody waits for it any more.
        RUNS_JOBS.set(true);
        drop(waiting);
        job()
    })
}

/// Drops something on the blocking pool, soon.
fn drop_soon(inner: impl Send + 'static) {
    // There is nothing to protect on a thread that runs jobs, and neither is there without a runtime.
    if RUNS_JOBS.get() || Handle::try_current().is_err() {
        return drop(inner);
    }
    let waiting = WAITING.with_borrow_mut(|waiting| {
        waiting.push(Box::new(inner));
        waiting.len()
    });
    if waiting >= MAX_WAITING {
        flush();
    }
}

/// Drops on the blocking pool what waits for it.
fn flush() {
    if WAITING.with_borrow(|waiting| !waiting.is_empty()) {
        drop(start(|| ()));
    }
}

/// Sees to it that what belonged to a cell does not wait for a job when the cell is gone.
#[derive(Debug)]
pub(crate) struct FlushAtEnd;

impl Drop for FlushAtEnd {
    fn drop(&mut self) {
        if let Ok(runtime) = Handle::try_current() {
            flush();
            // The descriptors may be dropped right after this, in one go with it.
            runtime.spawn(async { flush() });
        }
    }
}

/// Something whose drop may block, such as an open file: the last owner to let go is often a worker, so it is dropped on
/// the blocking pool, by the next job there.
#[derive(Debug)]
pub(crate) struct Elsewhere<T: Send + 'static>(Option<T>);

impl<T: Send + 'static> Elsewhere<T> {
    pub(crate) fn new(inner: T) -> Self {
        Self(Some(inner))
    }

    /// What is inside: always there, since only the drop takes it out.
    pub(crate) fn get(&self) -> io::Result<&T> {
        self.0.as_ref().ok_or_else(|| io::Error::other("closed"))
    }

    /// See [`Self::get`].
    pub(crate) fn get_mut(&mut self) -> io::Result<&mut T> {
        self.0.as_mut().ok_or_else(|| io::Error::other("closed"))
    }
}

impl<T: Send + 'static> Drop for Elsewhere<T> {
    fn drop(&mut self) {
        if let Some(inner) = self.0.take() {
            drop_soon(inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::thread::{self, ThreadId};
    use std::time::Duration;

    struct Tell(mpsc::Sender<ThreadId>);

    impl Drop for Tell {
        fn drop(&mut self) {
            self.0.send(thread::current().id()).unwrap();
        }
    }

    fn tell() -> (Elsewhere<Tell>, mpsc::Receiver<ThreadId>) {
        let (sender, receiver) = mpsc::channel();
        (Elsewhere::new(Tell(sender)), receiver)
    }

    #[tokio::test]
    async fn a_drop_waits_for_the_next_job_and_comes_before_it() {
        let (held, receiver) = tell();
        drop(held);
        assert!(receiver.try_recv().is_err());
        let (in_job, told) = run(move || Ok((thread::current().id(), receiver.try_recv()))).await.unwrap();
        assert_eq!(told, Ok(in_job));
    }

    #[tokio::test]
    async fn not_many_wait() {
        let (first, receiver) = tell();
        drop(first);
        for _ in 1..MAX_WAITING {
            drop(Elsewhere::new(()));
        }
        let told = tokio::task::spawn_blocking(move || receiver.recv()).await.unwrap();
        assert_ne!(told, Ok(thread::current().id()));
    }

    #[test]
    fn a_drop_without_a_runtime_happens_at_once() {
        let (held, receiver) = tell();
        drop(held);
        assert_eq!(receiver.try_recv(), Ok(thread::current().id()));
    }

    #[tokio::test]
    async fn a_drop_in_a_job_happens_at_once() {
        let (held, receiver) = tell();
        let told = run(move || {
            drop(held);
            Ok(receiver.try_recv())
        });
        assert!(told.await.unwrap().is_ok());
    }

    #[tokio::test]
    async fn what_nobody_waits_for_any_more_is_dropped_when_it_is_there() {
        let (held, receiver) = tell();
        let (go_on, waits) = mpsc::channel::<()>();
        drop(start(move || waits.recv().map(|()| held)));
        go_on.send(()).unwrap();
        let told = tokio::task::spawn_blocking(move || receiver.recv_timeout(Duration::from_secs(60))).await.unwrap();
        assert!(told.is_ok_and(|thread| thread != thread::current().id()));
    }

    #[tokio::test]
    async fn a_panic_in_a_job_is_an_error() {
        let result = run(|| -> FsResult<()> { panic!("job") }).await;
        assert!(matches!(result, Err(FsError::Io(_))));
    }
}
