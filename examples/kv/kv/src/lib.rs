//! `kv`: keys and values that stay, for each caller its own, in a database file of the operator's.
//!
//! ```sh
//! cargo build --release
//! ww run --plugin target/release/libkv.so --set kv.path=/srv/kv.redb
//! ```
//!
//! The same source makes a component, which has no file but in the `/var` that its operator grants it:
//!
//! ```sh
//! cargo build --release --lib --target wasm32-wasip2
//! ww run --plugin target/wasm32-wasip2/release/kv.wasm --set kv.path=/var/kv.redb --grant kv:state
//! ```
//!
//! Guests depend on `kv-api`, graft `kv`, and get a `Kv`. Its operator has `ww kv --help`.

mod checks;
mod command_line;
mod cursor;
mod space;
mod store;
#[cfg(test)]
mod tests;
mod watches;

use std::path::PathBuf;
use std::rc::Rc;

use kv_api::kv;
use ww_plugin::provider_capnp::command;
use ww_plugin::schemars::{self, JsonSchema};
use ww_plugin::serde::{self, Deserialize};
use ww_plugin::{Caller, Grants, Result};

use crate::command_line::Command;
use crate::space::Space;
use crate::store::Store;

/// What a caller may keep where the operator says nothing, in bytes of keys and values.
const QUOTA: u64 = 64 * 1024 * 1024;

#[derive(Deserialize, JsonSchema)]
#[serde(crate = "self::serde")]
#[schemars(crate = "self::schemars")]
struct Config {
    /// The file of the database; made where it is missing. Relative to where the node was started.
    path: PathBuf,
    /// What each caller may keep, in bytes of keys and values; 64 MiB.
    #[serde(default = "quota")]
    quota: u64,
}

fn quota() -> u64 {
    QUOTA
}

/// The provider: one open database.
struct Provider {
    store: Rc<Store>,
}

impl ww_plugin::Provider for Provider {
    const NAME: &str = "kv";
    const DESCRIPTION: &str = "Keys and values that stay, for each caller its own";
    const ROLES: &[&str] = &["command"];
    type Config = Config;
    type Client = kv::Client;

    async fn open(config: Config, _: Grants) -> Result<Self> {
        Ok(Self { store: Rc::new(Store::open(config.path, config.quota).await?) })
    }

    async fn attach(self: Rc<Self>, caller: Caller) -> Result<kv::Client> {
        Ok(ww_plugin::new_client(Space::new(self.store.clone(), caller.name())))
    }

    fn command(self: Rc<Self>) -> Option<command::Client> {
        Some(ww_plugin::new_client(Command(self.store.clone())))
    }

    async fn close(self: Rc<Self>) -> Result<()> {
        self.store.close().await
    }
}

ww_plugin::export!(Provider);
