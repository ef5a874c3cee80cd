//! The ends of a pipe as asynchronous byte streams.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures::io::{AsyncRead, AsyncWrite};

use super::meter::Meter;
use crate::pipe::{PipeReader, PipeWriter};

type Waiting<T> = Pin<Box<dyn Future<Output = T>>>;

/// Reads from a pipe.
pub(super) struct Reading {
    reader: PipeReader,
    waiting: Option<Waiting<()>>,
}

impl Reading {
    pub(super) fn new(reader: PipeReader) -> Self {
        Self { reader, waiting: None }
    }
}

impl AsyncRead for Reading {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        loop {
            let count = this.reader.try_read(buffer);
            if count > 0 || buffer.is_empty() || this.reader.at_end() {
                this.waiting = None;
                return Poll::Ready(Ok(count));
            }
            let reader = this.reader.clone();
            let waiting = this.waiting.get_or_insert_with(|| Box::pin(async move { reader.readable().await }));
            std::task::ready!(waiting.as_mut().poll(context));
            this.waiting = None;
        }
    }
}

/// Writes to a pipe, and tells the meter what was taken off the queue.
pub(super) struct Writing {
    writer: Option<PipeWriter>,
    waiting: Option<Waiting<()>>,
    meter: Rc<Meter>,
}

impl Writing {
    pub(super) fn new(writer: PipeWriter, meter: Rc<Meter>) -> Self {
        Self { writer: Some(writer), waiting: None, meter }
    }
}

impl AsyncWrite for Writing {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
        let Some(writer) = &this.writer else { return Poll::Ready(Err(gone())) };
        loop {
            let count = writer.try_write(bytes).map_err(|_| gone())?;
            if count > 0 || bytes.is_empty() {
                this.waiting = None;
                this.meter.written(count);
                return Poll::Ready(Ok(count));
            }
            let other = writer.clone();
            let waiting = this.waiting.get_or_insert_with(|| Box::pin(async move { other.writable().await }));
            std::task::ready!(waiting.as_mut().poll(context));
            this.waiting = None;
        }
    }

    /// There is nothing between the two ends to be flushed.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.waiting = None;
        this.writer = None;
        Poll::Ready(Ok(()))
    }
}
