//! yamux by itself, over a pipe in memory.

use std::task::Poll;
use std::time::Duration;

use futures::future::poll_fn;
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use libp2p::core::muxing::StreamMuxer;
use libp2p::core::upgrade::{InboundConnectionUpgrade, OutboundConnectionUpgrade};
use tokio_util::compat::TokioAsyncReadCompatExt;

use super::run;
use crate::swarm::limits::{CONNECTION_WINDOW, MAX_STREAMS};
use crate::swarm::muxer::{Muxer, Upgrade};

const MIB: usize = 1024 * 1024;

/// Both ends of a connection, the dialler's with limits that do not matter.
async fn pair() -> (Muxer<impl AsyncRead + AsyncWrite>, Muxer<impl AsyncRead + AsyncWrite>) {
    let (one, two) = tokio::io::duplex(64 * 1024);
    let dialler = Upgrade::new(1000, 1024 * MIB).upgrade_outbound(one.compat(), "").await.unwrap();
    let listener = Upgrade::new(MAX_STREAMS, CONNECTION_WINDOW).upgrade_inbound(two.compat(), "").await.unwrap();
    (dialler, listener)
}

/// Keeps a connection going in the background.
fn keep_going(mut muxer: Muxer<impl AsyncRead + AsyncWrite + Unpin + Send + 'static>) {
    tokio::spawn(async move { poll_fn(|cx| StreamMuxer::poll(std::pin::Pin::new(&mut muxer), cx)).await.map(drop) });
}

async fn opened(muxer: &mut Muxer<impl AsyncRead + AsyncWrite + Unpin>) -> yamux::Stream {
    poll_fn(|cx| std::pin::Pin::new(&mut *muxer).poll_outbound(cx)).await.unwrap()
}

async fn accepted(muxer: &mut Muxer<impl AsyncRead + AsyncWrite + Unpin>) -> yamux::Stream {
    poll_fn(|cx| std::pin::Pin::new(&mut *muxer).poll_inbound(cx)).await.unwrap()
}

/// Writes until nothing more is taken; returns how much was.
async fn fill(stream: &mut yamux::Stream) -> usize {
    let chunk = vec![1; 16 * 1024];
    let mut written = 0;
    while let Ok(result) = tokio::time::timeout(Duration::from_millis(200), stream.write(&chunk)).await {
        written += result.unwrap();
    }
    written
}

#[test]
fn both_halves_of_a_stream_work_at_the_same_time() {
    run(async {
        let (mut dialler, mut listener) = pair().await;
        let one = opened(&mut dialler).await;
        keep_going(dialler);
        let (mut one_reads, mut one_writes) = one.split();
        one_writes.write_all(b"!").await.unwrap();
        let (mut two_reads, mut two_writes) = accepted(&mut listener).await.split();
        keep_going(listener);
        two_reads.read_exact(&mut [0]).await.unwrap();

        let data = vec![7; 4 * MIB];
        let (mut got_one, mut got_two) = (vec![0; data.len()], vec![0; data.len()]);
        let halves = futures::future::join4(
            one_writes.write_all(&data),
            two_writes.write_all(&data),
            one_reads.read_exact(&mut got_one),
            two_reads.read_exact(&mut got_two),
        );
        let (a, b, c, d) = halves.await;
        a.and(b).and(c).and(d).unwrap();
        assert!(got_one == data && got_two == data);
    });
}

#[test]
fn what_nobody_reads_is_bounded_also_after_the_window_has_grown() {
    run(async {
        let (mut dialler, mut listener) = pair().await;
        let mut writer = opened(&mut dialler).await;
        // The listener measures the round trip at its start. Answering late is how a peer makes it grow the window.
        let late = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            keep_going(dialler);
            writer.write_all(b"!").await.unwrap();
        };
        let (_, mut reader) = tokio::join!(late, accepted(&mut listener));
        keep_going(listener);
        reader.read_exact(&mut [0]).await.unwrap();

        let data = vec![7; 64 * MIB];
        let mut rest = vec![0; data.len()];
        let (sent, read) = tokio::join!(writer.write_all(&data), reader.read_exact(&mut rest));
        sent.and(read).unwrap();
        let unread = fill(&mut writer).await;
        assert!(unread > MIB, "the window has grown, {unread} bytes");
        assert!(unread <= CONNECTION_WINDOW, "{unread} bytes are held unread");
    });
}

#[test]
fn streams_that_are_not_taken_are_bounded() {
    run(async {
        let (mut dialler, mut listener) = pair().await;
        let mut streams = Vec::new();
        for _ in 0..=MAX_STREAMS {
            streams.push(opened(&mut dialler).await);
        }
        keep_going(dialler);
        for stream in &mut streams {
            // The last one ends the connection, so that it may be gone already.
            let _ = stream.write_all(b"!").await;
        }
        let ended = poll_fn(|cx| match StreamMuxer::poll(std::pin::Pin::new(&mut listener), cx) {
            Poll::Ready(result) => Poll::Ready(result.is_err()),
            Poll::Pending => Poll::Pending,
        });
        assert!(ended.await, "one stream more than allowed ends the connection");
    });
}

/// The versions before 0.14.1 can deadlock a split stream, and libp2p's own wrapper once brought two of them along.
#[test]
fn no_older_yamux_is_built() {
    let lock = include_str!("../../../../Cargo.lock");
    let versions: Vec<_> = lock.split("name = \"yamux\"\nversion = \"").skip(1).collect();
    assert!(!versions.is_empty());
    for version in versions {
        let version = version.split('"').next().unwrap();
        let numbers: Vec<u32> = version.split('.').map(|number| number.parse().unwrap()).collect();
        assert!(numbers >= vec![0, 14, 1], "yamux {version}");
    }
}
