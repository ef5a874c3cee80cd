//! The host's byte streams, for a library that wants asynchronous ones, and an executor that waits for them.
//!
//! Each use of a stream is a call of the host's, and the library writes a message in parts. So what is written is handed
//! over when nothing else moves, and what has come is taken all at once.

use std::cell::RefCell;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures::executor::LocalPool;
use futures::io::{AsyncRead, AsyncWrite};
use futures::task::LocalSpawnExt;

use crate::bindings::wasi::io::poll::{Pollable, poll};
use crate::bindings::wasi::io::streams::{InputStream, OutputStream, StreamError};
use crate::bindings::wetware::cell::connection;

/// Bytes that are taken at once, and that are written before the host has to take some.
const PART: usize = 64 << 10;

thread_local! {
    /// Who waits, and for what.
    static WAITING: RefCell<Vec<(Rc<Pollable>, Waker)>> = const { RefCell::new(Vec::new()) };
    /// What this guest writes to the host.
    static OUTBOX: RefCell<Option<Outbox>> = const { RefCell::new(None) };
}

/// What this guest reads from the host, and what it writes to it.
pub(crate) fn connect() -> (Input, Output) {
    let (input, output) = connection::connect();
    let outbox = Outbox { ready: Rc::new(output.subscribe()), stream: output, bytes: Vec::new() };
    OUTBOX.replace(Some(outbox));
    (Input { ready: Rc::new(input.subscribe()), stream: input, bytes: Vec::new(), taken: 0, waits: false }, Output)
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
        let blocked = hand_over();
        if let Some(value) = result.take() {
            // A pollable goes before its stream, which the tasks of the pool hold.
            WAITING.take();
            OUTBOX.take();
            return value;
        }
        wait(blocked);
    }
}

/// Hands over what was written, as far as the host has room; otherwise what to wait for.
fn hand_over() -> Option<Rc<Pollable>> {
    OUTBOX.with_borrow_mut(|outbox| {
        let open = outbox.as_mut()?;
        match open.hand_over() {
            Ok(()) if open.bytes.is_empty() => None,
            Ok(()) => Some(open.ready.clone()),
            // The host reads no more: whoever writes will be told.
            Err(_) => {
                *outbox = None;
                None
            }
        }
    })
}

/// Waits until something is ready, and wakes who waits for it.
fn wait(blocked: Option<Rc<Pollable>>) {
    let waiting = WAITING.take();
    let pollables: Vec<_> = waiting.iter().map(|(pollable, _)| pollable).chain(&blocked).collect();
    let ready = match &pollables[..] {
        [only] => {
            only.block();
            vec![0]
        }
        several => poll(&several.iter().map(|it| &***it).collect::<Vec<_>>()),
    };
    for (index, (pollable, waker)) in (0..).zip(waiting) {
        if ready.contains(&index) {
            waker.wake();
        } else {
            wake_when(&pollable, &waker);
        }
    }
}

/// Wakes somebody once something is ready.
pub(crate) fn wake_when(ready: &Rc<Pollable>, waker: &Waker) {
    WAITING.with_borrow_mut(|waiting| {
        if !waiting.iter().any(|(it, who)| Rc::ptr_eq(it, ready) && who.will_wake(waker)) {
            waiting.push((ready.clone(), waker.clone()));
        }
    });
}

/// What the host writes. Fields are dropped in order: a pollable before its stream.
pub(crate) struct Input {
    ready: Rc<Pollable>,
    stream: InputStream,
    /// What has come, and how much of it was taken.
    bytes: Vec<u8>,
    taken: usize,
    /// Somebody waits for more: only then is it worth asking.
    waits: bool,
}

impl AsyncRead for Input {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        if self.taken == self.bytes.len() {
            if std::mem::take(&mut self.waits) {
                self.taken = 0;
                self.bytes = match self.stream.read(PART as u64) {
                    Ok(bytes) => bytes,
                    Err(StreamError::Closed) => return Poll::Ready(Ok(0)),
                    Err(StreamError::LastOperationFailed(error)) => {
                        return Poll::Ready(Err(io::Error::other(error.to_debug_string())));
                    }
                };
            }
            if self.taken == self.bytes.len() {
                self.waits = true;
                wake_when(&self.ready, context.waker());
                return Poll::Pending;
            }
        }
        let count = buffer.len().min(self.bytes.len() - self.taken);
        buffer[..count].copy_from_slice(&self.bytes[self.taken..][..count]);
        self.taken += count;
        Poll::Ready(Ok(count))
    }
}

/// Fields are dropped in order: a pollable before its stream.
struct Outbox {
    ready: Rc<Pollable>,
    stream: OutputStream,
    /// What was written and is not handed over.
    bytes: Vec<u8>,
}

impl Outbox {
    fn hand_over(&mut self) -> Result<(), StreamError> {
        while !self.bytes.is_empty() {
            let room = self.stream.check_write()?;
            if room == 0 {
                break;
            }
            let count = self.bytes.len().min(room as usize);
            self.stream.write(&self.bytes[..count])?;
            self.bytes.drain(..count);
        }
        Ok(())
    }
}

/// What the host reads.
pub(crate) struct Output;

impl AsyncWrite for Output {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let closed = || Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        OUTBOX.with_borrow_mut(|outbox| {
            let Some(outbox) = outbox else { return closed() };
            if outbox.bytes.len() >= PART && outbox.hand_over().is_err() {
                return closed();
            }
            if outbox.bytes.len() >= PART {
                wake_when(&outbox.ready, context.waker());
                return Poll::Pending;
            }
            outbox.bytes.extend(bytes);
            Poll::Ready(Ok(bytes.len()))
        })
    }

    /// The host is handed what there is when nothing else moves.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
