//! A peer without manners: libp2p's handshake over our transport, and then whatever a test wants.

use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use futures::future::poll_fn;
use futures::task::AtomicWaker;
use libp2p::core::Endpoint;
use libp2p::core::muxing::{StreamMuxerBox, StreamMuxerExt, SubstreamBox};
use libp2p::core::transport::{DialOpts, PortUse};
use libp2p::identity::Keypair;
use libp2p::{Multiaddr, PeerId, Transport};
use tokio::task::JoinHandle;

use crate::swarm::{Limits, transport};

/// One authenticated connection, whose limits are no limits. It is cut when this is dropped.
pub(super) struct Raw {
    pub(super) peer: PeerId,
    muxer: Arc<Mutex<StreamMuxerBox>>,
    /// Wakes the task: yamux wants to be polled after a stream was opened.
    waker: Arc<AtomicWaker>,
    /// Keeps the connection going, and ends with it. Nothing of the handshake's last part leaves without it.
    task: JoinHandle<()>,
}

impl Raw {
    pub(super) async fn connect(keypair: &Keypair, addr: Multiaddr) -> Self {
        let limits = Limits { streams: 1000, ..Limits::default() };
        let mut transport = transport::build(keypair, &limits).unwrap();
        let options = DialOpts { role: Endpoint::Dialer, port_use: PortUse::New };
        let (peer, muxer) = transport.dial(addr, options).unwrap().await.unwrap();
        let muxer = Arc::new(Mutex::new(muxer));
        let waker = Arc::new(AtomicWaker::new());
        let (driven, woken) = (muxer.clone(), waker.clone());
        let task = tokio::spawn(poll_fn(move |cx| {
            woken.register(cx.waker());
            drive(&mut driven.lock().unwrap(), cx)
        }));
        Self { peer, muxer, waker, task }
    }

    /// Opens a stream; `None` where the connection has ended.
    pub(super) async fn open(&mut self) -> Option<SubstreamBox> {
        let stream = poll_fn(|cx| self.muxer.lock().unwrap().poll_outbound_unpin(cx)).await.ok();
        self.waker.wake();
        stream
    }

    /// Returns when the connection has ended.
    pub(super) async fn ended(&mut self) {
        (&mut self.task).await.unwrap();
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Streams that the node opens are thrown away.
fn drive(muxer: &mut StreamMuxerBox, cx: &mut Context<'_>) -> Poll<()> {
    while let Poll::Ready(result) = muxer.poll_inbound_unpin(cx) {
        if result.is_err() {
            return Poll::Ready(());
        }
    }
    match muxer.poll_unpin(cx) {
        Poll::Ready(Err(_)) => Poll::Ready(()),
        // An event about the connection's address, which does not happen here.
        Poll::Ready(Ok(_)) | Poll::Pending => Poll::Pending,
    }
}
