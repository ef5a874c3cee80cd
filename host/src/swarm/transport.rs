//! The transports: TCP with noise and yamux, and QUIC, which brings its own encryption and streams.

use libp2p::core::muxing::StreamMuxerBox;
use libp2p::core::transport::timeout::TransportTimeout;
use libp2p::core::transport::{Boxed, OrTransport};
use libp2p::core::upgrade::Version;
use libp2p::identity::Keypair;
use libp2p::{PeerId, Transport, noise, quic, tcp};

use super::limits::{CONNECTION_WINDOW, Limits, QUIC_CONNECTION_WINDOW, QUIC_STREAM_WINDOW};
use super::muxer;

/// Milliseconds of silence after which QUIC gives a connection up. Keep-alive packets go out three times as often.
const QUIC_SILENCE_MS: u32 = 30_000;

/// Connections that the kernel may queue before the node takes them; the node's own limits count from there.
const TCP_BACKLOG: u32 = 128;

/// Both transports behind one interface; every handshake has to end within `limits.handshake`.
pub(super) fn build(keypair: &Keypair, limits: &Limits) -> Result<Boxed<(PeerId, StreamMuxerBox)>, noise::Error> {
    let tcp = tcp::tokio::Transport::new(tcp::Config::default().listen_backlog(TCP_BACKLOG))
        .upgrade(Version::V1Lazy)
        .authenticate(noise::Config::new(keypair)?)
        .multiplex(muxer::Upgrade::new(limits.streams, CONNECTION_WINDOW))
        .map(|(peer, muxer), _| (peer, StreamMuxerBox::new(muxer)));
    let quic = quic::tokio::Transport::new(quic_config(keypair, limits))
        .map(|(peer, muxer), _| (peer, StreamMuxerBox::new(muxer)));
    let either = OrTransport::new(quic, tcp).map(|either, _| either.into_inner());
    Ok(TransportTimeout::new(either, limits.handshake).boxed())
}

fn quic_config(keypair: &Keypair, limits: &Limits) -> quic::Config {
    let mut config = quic::Config::new(keypair);
    config.handshake_timeout = limits.handshake;
    config.max_idle_timeout = QUIC_SILENCE_MS;
    config.keep_alive_interval = std::time::Duration::from_millis(u64::from(QUIC_SILENCE_MS) / 3);
    config.max_concurrent_stream_limit = u32::try_from(limits.streams).unwrap_or(u32::MAX);
    config.max_stream_data = QUIC_STREAM_WINDOW;
    config.max_connection_data = QUIC_CONNECTION_WINDOW;
    config
}
