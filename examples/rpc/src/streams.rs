//! The host's byte streams, for a library that wants asynchronous ones, and an executor that waits for them.

use std::cell::RefCell;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures::executor::LocalPool;
use futures::io::{AsyncRead, AsyncWrite};
use futures::task::LocalSpawnExt;

mod bindings {
    wit_bindgen::generate!({ path: "../../wit", world: "wetware:cell/cell", generate_all });
}

use bindings::wasi::io::poll::{Pollable, poll};
use bindings::wasi::io::streams::{InputStream, OutputStream, StreamError};
use bindings::wetware::cell::connection;

thread_local! {
    /// Who waits, and for what.
    static WAITING: RefCell<Vec<(Rc<Pollable>, Waker)>> = const { RefCell::new(Vec::new()) };
}

/// What this guest reads from the host, and what it writes to it.
pub(crate) fn connect() -> (Input, Output) {
    let (input, output) = connection::connect();
    let input = Input { ready: Rc::new(input.subscribe()), stream: input };
    let output = Output { ready: Rc::new(output.subscribe()), stream: Some(output) };
    (input, output)
}

/// Runs `main` to its end, and `background` beside it.
pub(crate) fn run<T: 'static>(
    background: impl Future<Output = ()> + 'static,
    main: impl Future<Output = T> + 'static,
) -> T {
    let mut pool = LocalPool::new();
    let result = Rc::new(RefCell::new(None));
    let slot = result.clone();
    // A pool that is just being made takes every task.
    let _ = pool.spawner().spawn_local(background);
    let _ = pool.spawner().spawn_local(async move {
        let value = main.await;
        slot.replace(Some(value));
    });
    loop {
        pool.run_until_stalled();
        if let Some(value) = result.take() {
            // A pollable goes before its stream, which the tasks of the pool hold.
            WAITING.take();
            return value;
        }
        wait();
    }
}

fn wait() {
    let waiting = WAITING.take();
    let pollables: Vec<_> = waiting.iter().map(|(pollable, _)| &**pollable).collect();
    let ready = poll(&pollables);
    for (index, (pollable, waker)) in (0..).zip(waiting) {
        if ready.contains(&index) {
            waker.wake();
        } else {
            wake_when(&pollable, &waker);
        }
    }
}

fn wake_when(ready: &Rc<Pollable>, waker: &Waker) {
    WAITING.with_borrow_mut(|waiting| waiting.push((ready.clone(), waker.clone())));
}

/// What the host writes. Fields are dropped in order: a pollable before its stream.
pub(crate) struct Input {
    ready: Rc<Pollable>,
    stream: InputStream,
}

impl AsyncRead for Input {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        match self.stream.read(buffer.len() as u64) {
            Ok(bytes) if bytes.is_empty() && !buffer.is_empty() => {
                wake_when(&self.ready, context.waker());
                Poll::Pending
            }
            Ok(bytes) => {
                buffer[..bytes.len()].copy_from_slice(&bytes);
                Poll::Ready(Ok(bytes.len()))
            }
            Err(StreamError::Closed) => Poll::Ready(Ok(0)),
            Err(StreamError::LastOperationFailed(error)) => Poll::Ready(Err(io::Error::other(error.to_debug_string()))),
        }
    }
}

/// What the host reads.
pub(crate) struct Output {
    ready: Rc<Pollable>,
    stream: Option<OutputStream>,
}

impl AsyncWrite for Output {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let closed = || io::Error::from(io::ErrorKind::BrokenPipe);
        let Some(stream) = &self.stream else { return Poll::Ready(Err(closed())) };
        match stream.check_write().map_err(|_| closed())? {
            0 => {
                wake_when(&self.ready, context.waker());
                Poll::Pending
            }
            room => {
                let count = bytes.len().min(room as usize);
                stream.write(&bytes[..count]).map_err(|_| closed())?;
                Poll::Ready(Ok(count))
            }
        }
    }

    /// The host sees what is written at once.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
