//! Standard input that does not stop anything else.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::task::{Poll, Waker};

use crate::imports::{InputStream, Pollable, StreamError, get_stdin, poll};

/// Bytes of one read.
const READ: u64 = 64 * 1024;

thread_local! {
    /// Those who wait for input.
    static WAITING: RefCell<Vec<(Rc<Source>, Waker)>> = const { RefCell::new(Vec::new()) };
}

/// The standard input of this guest.
///
/// Reading waits without stopping other tasks or incoming calls, unlike `std::io::stdin`, with which it should not be
/// mixed: each has a buffer of its own.
pub struct Stdin {
    source: Rc<Source>,
    buffer: Vec<u8>,
}

/// A stream and its pollable. Fields are dropped in order, and the pollable belongs to the stream.
struct Source {
    ready: Pollable,
    stream: InputStream,
}

impl Source {
    /// Wakes `waker`, and of this source nobody else, when there is input: who asks again waits once.
    fn wait(self: &Rc<Self>, waker: &Waker) {
        WAITING.with_borrow_mut(|waiting| match waiting.iter_mut().find(|(source, _)| Rc::ptr_eq(source, self)) {
            Some((_, waiting)) => waiting.clone_from(waker),
            None => waiting.push((self.clone(), waker.clone())),
        });
    }
}

/// The standard input of this guest.
pub fn stdin() -> Stdin {
    let stream = get_stdin();
    Stdin { source: Rc::new(Source { ready: stream.subscribe(), stream }), buffer: Vec::new() }
}

impl Stdin {
    /// Reads what is there, waiting for the first byte. Empty is the end.
    ///
    /// # Errors
    /// Where the input cannot be read.
    pub async fn read(&mut self) -> io::Result<Vec<u8>> {
        if !self.buffer.is_empty() {
            return Ok(std::mem::take(&mut self.buffer));
        }
        std::future::poll_fn(|context| match self.source.stream.read(READ) {
            Ok(bytes) if bytes.is_empty() => {
                self.source.wait(context.waker());
                Poll::Pending
            }
            Ok(bytes) => Poll::Ready(Ok(bytes)),
            Err(StreamError::Closed) => Poll::Ready(Ok(Vec::new())),
            Err(StreamError::LastOperationFailed(error)) => Poll::Ready(Err(io::Error::other(error.to_debug_string()))),
        })
        .await
    }

    /// Reads one line, without its end. `None` is the end of the input; a last line without an end is a line.
    ///
    /// # Errors
    /// Where the input cannot be read, or is not UTF-8.
    pub async fn read_line(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        loop {
            let bytes = self.read().await?;
            if bytes.is_empty() && line.is_empty() {
                return Ok(None);
            }
            let end = bytes.iter().position(|byte| *byte == b'\n');
            line.extend_from_slice(&bytes[..end.unwrap_or(bytes.len())]);
            if let Some(end) = end {
                self.buffer = bytes[end + 1..].to_vec();
            }
            if end.is_some() || bytes.is_empty() {
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return String::from_utf8(line).map(Some).map_err(io::Error::other);
            }
        }
    }

    /// Reads all that is left.
    ///
    /// # Errors
    /// Where the input cannot be read.
    pub async fn read_to_end(&mut self) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        loop {
            let bytes = self.read().await?;
            if bytes.is_empty() {
                return Ok(all);
            }
            all.extend(bytes);
        }
    }
}

/// Whether a task waits for input.
pub(crate) fn is_waited_for() -> bool {
    WAITING.with_borrow(|waiting| !waiting.is_empty())
}

/// Waits until there is input, or an event of the host's, or the time is over; wakes who waits for input that is there.
pub(crate) fn poll_with(events: &Pollable, timeout: u64) {
    let waiting = WAITING.take();
    let timer = (timeout != u64::MAX).then(|| crate::imports::subscribe_duration(timeout));
    let mut pollables = vec![events];
    pollables.extend(timer.as_ref());
    let others = pollables.len();
    pollables.extend(waiting.iter().map(|(source, _)| &source.ready));
    let ready = poll(&pollables);
    drop(pollables);
    for (index, (source, waker)) in waiting.into_iter().enumerate() {
        if ready.iter().any(|ready| *ready as usize == index + others) {
            waker.wake();
        } else {
            WAITING.with_borrow_mut(|waiting| waiting.push((source, waker)));
        }
    }
}
