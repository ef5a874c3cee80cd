//! The node's side.

use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use capnp::Error;
use capnp::capability::FromClientHook;
use capnp_rpc::RpcSystem;
use capnp_rpc::rpc_twoparty_capnp::Side;
use futures::future::LocalBoxFuture;
use tokio::net::UnixStream;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use ww_capnp::control_capnp::control;
use ww_capnp::provider_capnp::command;

use super::socket::{Socket, SocketError, network};

/// Operators at once.
const CONNECTIONS: usize = 16;

/// What a node has command lines of.
pub trait Commands: 'static {
    /// The names of the providers that are open, sorted.
    fn names(&self) -> Vec<String>;

    /// The command line of one of them.
    fn command(&self, name: &str) -> LocalBoxFuture<'static, Result<command::Client, Error>>;
}

/// Serves the control socket in this data directory, until the result is dropped. Within a `LocalSet`.
///
/// # Errors
/// Where the socket cannot be made.
pub fn serve(data: &Path, commands: Rc<dyn Commands>) -> Result<Serving, SocketError> {
    let socket = Socket::listen(data)?;
    Ok(Serving(tokio::task::spawn_local(accept(socket, commands))))
}

/// A control socket that is served.
pub struct Serving(JoinHandle<()>);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn accept(socket: Socket, commands: Rc<dyn Commands>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = tokio::task::JoinSet::new();
    loop {
        // One too many waits to be accepted. The semaphore is never closed.
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let Ok((stream, _)) = socket.listener.accept().await else { return };
        let client: control::Client = ww_call::new_client(Control(commands.clone()));
        connections.spawn_local(async move {
            connection(stream, client).await;
            drop(place);
        });
        // Those that have ended are forgotten.
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(stream: UnixStream, client: control::Client) {
    // An operator who goes away is no failure.
    let _ = RpcSystem::new(network(stream, Side::Server), Some(client.client)).await;
}

struct Control(Rc<dyn Commands>);

impl control::Server for Control {
    async fn node(
        self: Rc<Self>,
        _params: control::NodeParams,
        mut results: control::NodeResults,
    ) -> Result<(), Error> {
        let mut results = results.get();
        results.set_pid(std::process::id());
        results.set_providers(self.0.names().as_slice())
    }

    async fn command(
        self: Rc<Self>,
        params: control::CommandParams,
        mut results: control::CommandResults,
    ) -> Result<(), Error> {
        let name = params.get()?.get_name()?.to_string()?;
        let command = self.0.command(&name).await?;
        results.get().set_command(FromClientHook::new(command.into_client_hook()));
        Ok(())
    }
}
