//! Work that may block goes to the blocking pool: never to a worker, on which other cells run.

use super::error::{FsError, FsResult};
use std::io;

/// Runs a job on the blocking pool.
pub(crate) async fn run<T: Send + 'static>(job: impl FnOnce() -> FsResult<T> + Send + 'static) -> FsResult<T> {
    match tokio::task::spawn_blocking(job).await {
        Ok(result) => result,
        Err(error) => Err(FsError::Io(format!("a file job did not end: {error}"))),
    }
}

/// Something whose drop may block, such as an open file or a directory that is removed with it: the last owner to let go
/// is often a worker, so it is dropped on the blocking pool.
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
        let Some(inner) = self.0.take() else { return };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(move || drop(inner))),
            // Without a runtime there is no worker to protect.
            Err(_) => drop(inner),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::thread::{self, ThreadId};

    struct Tell(mpsc::Sender<ThreadId>);

    impl Drop for Tell {
        fn drop(&mut self) {
            self.0.send(thread::current().id()).unwrap();
        }
    }

    #[tokio::test]
    async fn a_drop_leaves_the_worker() {
        let (sender, receiver) = mpsc::channel();
        drop(Elsewhere::new(Tell(sender)));
        let dropped_on = tokio::task::spawn_blocking(move || receiver.recv().unwrap()).await.unwrap();
        assert_ne!(dropped_on, thread::current().id());
    }

    #[test]
    fn a_drop_without_a_runtime_happens_at_once() {
        let (sender, receiver) = mpsc::channel();
        drop(Elsewhere::new(Tell(sender)));
        assert_eq!(receiver.try_recv().unwrap(), thread::current().id());
    }

    #[tokio::test]
    async fn a_panic_in_a_job_is_an_error() {
        let result = run(|| -> FsResult<()> { panic!("job") }).await;
        assert!(matches!(result, Err(FsError::Io(_))));
    }
}
