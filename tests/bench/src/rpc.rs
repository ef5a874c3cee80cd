//! Two-party RPC between two vats of this thread, the standard protocol of `capnp-rpc` over an in-memory pipe: what calls
//! in place are compared with.

use capnp_rpc::RpcSystem;
use capnp_rpc::rpc_twoparty_capnp::Side;
use capnp_rpc::twoparty::VatNetwork;
use futures::io::{BufReader, BufWriter};
use tokio::io::{DuplexStream, ReadHalf};
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt, TokioAsyncWriteCompatExt};

use crate::bench_capnp::echo;

/// Bytes that the pipe holds: the largest message that is measured fits, so that no call waits for room.
const PIPE: usize = 256 * 1024;

/// A client of `bootstrap` over a connection of its own.
pub(crate) fn connect(bootstrap: echo::Client) -> echo::Client {
    let (near, far) = tokio::io::duplex(PIPE);
    let server = RpcSystem::new(Box::new(network(far, Side::Server)), Some(bootstrap.client));
    let mut client = RpcSystem::new(Box::new(network(near, Side::Client)), None);
    let echo = client.bootstrap(Side::Server);
    tokio::task::spawn_local(server);
    tokio::task::spawn_local(client);
    echo
}

fn network(stream: DuplexStream, side: Side) -> VatNetwork<BufReader<Compat<ReadHalf<DuplexStream>>>> {
    let (reader, writer) = tokio::io::split(stream);
    let (reader, writer) = (BufReader::new(reader.compat()), BufWriter::new(writer.compat_write()));
    VatNetwork::new(reader, writer, side, Default::default())
}
