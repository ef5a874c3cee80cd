//! Two-party RPC between two vats of this thread, the standard protocol of `capnp-rpc` as its library speaks it: what calls
//! in place, and those of guests over RPC, are compared with.

use capnp_rpc::RpcSystem;
use capnp_rpc::rpc_twoparty_capnp::Side;
use capnp_rpc::twoparty::VatNetwork;
use futures::io::{BufReader, BufWriter};
use tokio::io::{AsyncRead, AsyncWrite, ReadHalf};
use tokio::net::UnixStream;
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt, TokioAsyncWriteCompatExt};

use crate::bench_capnp::echo;

/// Bytes that the pipe holds: the largest message that is measured fits, so that no call waits for room.
const PIPE: usize = 256 * 1024;

/// A client of `bootstrap` over a pipe in memory of its own.
pub(crate) fn over_pipe(bootstrap: echo::Client) -> echo::Client {
    connect(tokio::io::duplex(PIPE), bootstrap)
}

/// The same over a pair of Unix sockets.
pub(crate) fn over_sockets(bootstrap: echo::Client) -> std::io::Result<echo::Client> {
    Ok(connect(UnixStream::pair()?, bootstrap))
}

fn connect<S: AsyncRead + AsyncWrite + 'static>((near, far): (S, S), bootstrap: echo::Client) -> echo::Client {
    let server = RpcSystem::new(Box::new(network(far, Side::Server)), Some(bootstrap.client));
    let mut client = RpcSystem::new(Box::new(network(near, Side::Client)), None);
    let echo = client.bootstrap(Side::Server);
    tokio::task::spawn_local(server);
    tokio::task::spawn_local(client);
    echo
}

fn network<S: AsyncRead + AsyncWrite + 'static>(stream: S, side: Side) -> VatNetwork<BufReader<Compat<ReadHalf<S>>>> {
    let (reader, writer) = tokio::io::split(stream);
    let (reader, writer) = (BufReader::new(reader.compat()), BufWriter::new(writer.compat_write()));
    VatNetwork::new(reader, writer, side, Default::default())
}
