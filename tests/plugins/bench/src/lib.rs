//! The object that `cargo xtask bench` calls, as a provider: its code is that of the harness.

#[path = "../../../bench/src/bench_capnp.rs"]
mod bench_capnp;
#[path = "../../../bench/src/server.rs"]
mod server;

use std::rc::Rc;

use bench_capnp::echo;
use ww_plugin::{Caller, Grants, NoConfig, Provider, Result};

struct Bench;

impl Provider for Bench {
    const NAME: &str = "bench";
    const DESCRIPTION: &str = "Answers with what it was sent";
    type Config = NoConfig;
    type Client = echo::Client;

    async fn open(_: NoConfig, _: Grants) -> Result<Self> {
        Ok(Self)
    }

    async fn attach(self: Rc<Self>, _: Caller) -> Result<echo::Client> {
        Ok(server::client(ww_plugin::new_client))
    }
}

ww_plugin::export!(Bench);
