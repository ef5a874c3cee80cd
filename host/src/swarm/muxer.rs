//! yamux under libp2p's multiplexer interface, with the receive window of a connection bounded.
//!
//! libp2p's own wrapper leaves the window at yamux's default of 1 GiB a connection. A stream's window grows with what is
//! read and with the round-trip time, and the peer can stretch the latter, so it could make the node hold that much.
//!
//! The `yamux` crate is named in our own Cargo.toml, at 0.14.1 or later: 0.13.10 can deadlock a stream whose halves are
//! read and written by two tasks. libp2p up to 0.56 used 0.12 and 0.13 beside each other; nothing here does.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::iter;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures::{AsyncRead, AsyncWrite};
use libp2p::core::muxing::{StreamMuxer, StreamMuxerEvent};
use libp2p::core::upgrade::{InboundConnectionUpgrade, OutboundConnectionUpgrade, UpgradeInfo};
use yamux::{Connection, ConnectionError, Mode, Stream};

/// The name that both sides negotiate; libp2p's specification fixes it.
const PROTOCOL: &str = "/yamux/1.0.0";

/// Bytes that a stream may receive unread, at least: yamux's protocol gives each stream this much from the start.
const MIN_STREAM_WINDOW: usize = 256 * 1024;

/// Turns an authenticated byte stream into a [`Muxer`].
#[derive(Clone, Debug)]
pub(super) struct Upgrade {
    config: yamux::Config,
    streams: usize,
}

impl Upgrade {
    /// At most `streams` streams, which hold at most `window` unread bytes together, or yamux's minimum if that is more.
    pub(super) fn new(streams: usize, window: usize) -> Self {
        let window = window.max(streams.saturating_mul(MIN_STREAM_WINDOW));
        let mut config = yamux::Config::default();
        // Streams first: yamux checks the one against the other, and its default window is the larger.
        config.set_max_num_streams(streams).set_max_connection_receive_window(Some(window));
        Self { config, streams }
    }

    fn start<C: AsyncRead + AsyncWrite + Unpin>(self, io: C, mode: Mode) -> Muxer<C> {
        let connection = Connection::new(io, self.config, mode);
        Muxer { connection, inbound: VecDeque::new(), max_inbound: self.streams, waiting: None }
    }
}

impl UpgradeInfo for Upgrade {
    type Info = &'static str;
    type InfoIter = iter::Once<Self::Info>;

    fn protocol_info(&self) -> Self::InfoIter {
        iter::once(PROTOCOL)
    }
}

impl<C: AsyncRead + AsyncWrite + Send + Unpin + 'static> InboundConnectionUpgrade<C> for Upgrade {
    type Output = Muxer<C>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Output, Self::Error>>;

    fn upgrade_inbound(self, io: C, _: Self::Info) -> Self::Future {
        ready(Ok(self.start(io, Mode::Server)))
    }
}

impl<C: AsyncRead + AsyncWrite + Send + Unpin + 'static> OutboundConnectionUpgrade<C> for Upgrade {
    type Output = Muxer<C>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Output, Self::Error>>;

    fn upgrade_outbound(self, io: C, _: Self::Info) -> Self::Future {
        ready(Ok(self.start(io, Mode::Client)))
    }
}

/// One yamux connection.
pub(super) struct Muxer<C> {
    connection: Connection<C>,
    /// Streams that the peer opened and nobody took yet. yamux makes progress only by being asked for the next one.
    inbound: VecDeque<Stream>,
    max_inbound: usize,
    /// Who waits for the next inbound stream.
    waiting: Option<Waker>,
}

impl<C: AsyncRead + AsyncWrite + Unpin> Muxer<C> {
    /// Moves the connection on, and puts at most one new stream aside, so that a flood of them cannot hold the thread.
    fn drive(&mut self, cx: &mut Context<'_>) -> Poll<ConnectionError> {
        match self.connection.poll_next_inbound(cx) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(None) => return Poll::Ready(ConnectionError::Closed),
            Poll::Ready(Some(Err(error))) => return Poll::Ready(error),
            // Streams that the peer has reset do not count for yamux any more, so this bound is needed, too.
            Poll::Ready(Some(Ok(stream))) if self.inbound.len() >= self.max_inbound => drop(stream),
            Poll::Ready(Some(Ok(stream))) => self.inbound.push_back(stream),
        }
        if let Some(waker) = self.waiting.take() {
            waker.wake();
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<C: AsyncRead + AsyncWrite + Unpin> StreamMuxer for Muxer<C> {
    type Substream = Stream;
    type Error = ConnectionError;

    fn poll_inbound(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<Stream, ConnectionError>> {
        if self.inbound.is_empty()
            && let Poll::Ready(error) = self.drive(cx)
        {
            return Poll::Ready(Err(error));
        }
        if let Some(stream) = self.inbound.pop_front() {
            return Poll::Ready(Ok(stream));
        }
        self.waiting = Some(cx.waker().clone());
        Poll::Pending
    }

    fn poll_outbound(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<Stream, ConnectionError>> {
        self.connection.poll_new_outbound(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), ConnectionError>> {
        self.connection.poll_close(cx)
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<StreamMuxerEvent, ConnectionError>> {
        self.drive(cx).map(Err)
    }
}
