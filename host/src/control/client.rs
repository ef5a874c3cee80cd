//! The operator's side.

use std::path::Path;
use std::time::Duration;

use capnp::Error;
use capnp_rpc::RpcSystem;
use capnp_rpc::rpc_twoparty_capnp::Side;
use tokio::net::UnixStream;
use tokio::task::JoinHandle;
use ww_capnp::control_capnp::control;
use ww_capnp::provider_capnp::command;

use super::socket::{connect_all, network};

/// How long a node may take to say who it is: one that is stopped or blocked is passed over.
const PATIENCE: Duration = Duration::from_secs(2);

/// A running node.
pub struct Node {
    /// Its process id.
    pub pid: u32,
    /// The names of the providers that it has open.
    pub providers: Vec<String>,
    control: control::Client,
    connection: JoinHandle<()>,
}

/// The nodes that use a data directory. Within a `LocalSet`.
pub async fn nodes(data: &Path) -> Vec<Node> {
    let mut nodes = Vec::new();
    for stream in connect_all(data).await {
        if let Ok(Ok(node)) = tokio::time::timeout(PATIENCE, Node::meet(stream)).await {
            nodes.push(node);
        }
    }
    nodes
}

impl Node {
    async fn meet(stream: UnixStream) -> Result<Self, Error> {
        let mut system = RpcSystem::new(network(stream, Side::Client), None);
        let control: control::Client = system.bootstrap(Side::Server);
        let connection = tokio::task::spawn_local(async move {
            // Calls on it fail by themselves when it ends.
            let _ = system.await;
        });
        let answer = control.node_request().send().promise.await?;
        let answer = answer.get()?;
        let providers =
            answer.get_providers()?.iter().map(|name| Ok(name?.to_string()?)).collect::<Result<_, Error>>()?;
        Ok(Self { pid: answer.get_pid(), providers, control, connection })
    }

    /// The command line of a provider.
    ///
    /// # Errors
    /// Where it has none, or the node is gone.
    pub async fn command(&self, name: &str) -> Result<command::Client, Error> {
        let mut request = self.control.command_request();
        request.get().set_name(name);
        request.send().promise.await?.get()?.get_command()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.connection.abort();
    }
}
