//! `clock`: the time and timers, of a clock that its operator may set and have run as fast as a test needs.
//!
//! ```sh
//! cargo build --release
//! ww run --plugin target/release/libclock.so --set clock.offset=-3600 --set clock.rate=10.0
//! ```
//!
//! The same source makes a component:
//!
//! ```sh
//! cargo build --release --lib --target wasm32-wasip2
//! ww run --plugin target/wasm32-wasip2/release/clock.wasm
//! ```
//!
//! Guests depend on `clock-api`, graft `clock`, and get a `Clock`. Its operator has `ww clock now`.

mod command_line;
mod dial;
mod places;
mod rate;
#[cfg(test)]
mod tests;
mod ticker;
mod time;
mod timer;

use std::rc::Rc;

use clock_api::clock;
use ww_plugin::provider_capnp::command;
use ww_plugin::schemars::{self, JsonSchema};
use ww_plugin::serde::{self, Deserialize};
use ww_plugin::{Caller, Grants, Result};

use crate::command_line::Command;
use crate::dial::Dial;
use crate::places::Places;
use crate::rate::Rate;
use crate::time::Time;

#[derive(Default, Deserialize, JsonSchema)]
#[serde(crate = "self::serde", default)]
#[schemars(crate = "self::schemars")]
struct Config {
    /// Seconds by which it is ahead of the machine's clock when it is opened; behind it, where negative.
    offset: i64,
    /// How many of its seconds pass in a second: 1.0, and more than 0.
    rate: Rate,
}

/// The provider: one clock.
struct Provider {
    time: Rc<Time>,
    places: Places,
}

impl ww_plugin::Provider for Provider {
    const NAME: &str = "clock";
    const DESCRIPTION: &str = "The time and timers, of a clock that can be set and run at any rate";
    const ROLES: &[&str] = &["command"];
    type Config = Config;
    type Client = clock::Client;

    async fn open(config: Config, _: Grants) -> Result<Self> {
        Ok(Self { time: Rc::new(Time::new(config.offset, config.rate)), places: Places::default() })
    }

    async fn attach(self: Rc<Self>, caller: Caller) -> Result<clock::Client> {
        Ok(ww_plugin::new_client(Dial::new(self.time.clone(), self.places.of(caller.name()))))
    }

    fn command(self: Rc<Self>) -> Option<command::Client> {
        Some(ww_plugin::new_client(Command(self.time.clone())))
    }
}

ww_plugin::export!(Provider);
