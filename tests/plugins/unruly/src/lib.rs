//! A component that misbehaves when it is told to: by its configuration when it is opened, and by what it hears in a call.
//! What it serves is an `Executor`: `echo` says what it hears, and how often it was called by anybody before; `runBytes`
//! gives an object, whose `kill` answers at once and whose `wait` never does.

mod switch;

use std::cell::Cell;
use std::hint::black_box;
use std::rc::Rc;

use capnp::Error;
use schemars::JsonSchema;
use serde::Deserialize;
use switch::Switch;
use ww_plugin::system_capnp::{executor, process};
use ww_plugin::{Caller, Grants, Provider, Result, tracing};

struct Unruly {
    calls: Cell<u64>,
}

/// What it does.
#[derive(Deserialize, JsonSchema)]
struct Config {
    /// What it does when it is opened.
    #[serde(default)]
    opened: String,
    /// What it does when somebody is attached.
    #[serde(default)]
    attached: String,
}

thread_local! {
    static ATTACHED: Cell<Switch> = const { Cell::new(Switch::None) };
}

impl Provider for Unruly {
    const NAME: &str = "unruly";
    const DESCRIPTION: &str = "Misbehaves when it is told to";
    type Config = Config;
    type Client = executor::Client;

    async fn open(config: Config, _grants: Grants) -> Result<Self> {
        ATTACHED.set(named(&config.attached));
        tracing::info!("opened");
        act(named(&config.opened)).await?;
        Ok(Self { calls: Cell::new(0) })
    }

    async fn attach(self: Rc<Self>, _caller: Caller) -> Result<executor::Client> {
        act(ATTACHED.get()).await?;
        Ok(ww_plugin::new_client_from_rc(self))
    }
}

impl executor::Server for Unruly {
    async fn echo(
        self: Rc<Self>,
        params: executor::EchoParams,
        mut results: executor::EchoResults,
    ) -> Result<(), Error> {
        let message = params.get()?.get_message()?.to_str()?;
        act(named(message)).await?;
        results.get().set_response(format!("{message} {}", self.calls.replace(self.calls.get() + 1)));
        Ok(())
    }

    async fn run_bytes(
        self: Rc<Self>,
        _params: executor::RunBytesParams,
        mut results: executor::RunBytesResults,
    ) -> Result<(), Error> {
        results.get().set_process(ww_plugin::new_client(Object));
        Ok(())
    }
}

struct Object;

impl process::Server for Object {
    async fn kill(self: Rc<Self>, _: process::KillParams, _: process::KillResults) -> Result<(), Error> {
        Ok(())
    }

    async fn wait(self: Rc<Self>, _: process::WaitParams, _: process::WaitResults) -> Result<(), Error> {
        std::future::pending().await
    }
}

fn named(name: &str) -> Switch {
    Switch::ALL.iter().copied().find(|switch| switch.name() == name).unwrap_or(Switch::None)
}

async fn act(switch: Switch) -> Result<(), Error> {
    match switch {
        Switch::None => Ok(()),
        Switch::Trap => panic!("on purpose"),
        Switch::Loop => loop {
            black_box(());
        },
        Switch::Recurse => {
            recurse(black_box(1));
            Ok(())
        }
        Switch::Allocate => {
            let mut all = Vec::new();
            loop {
                all.push(vec![1_u8; 1 << 20]);
                black_box(&all);
            }
        }
        Switch::Flood => {
            let line = "x".repeat(100);
            loop {
                println!("{line}");
            }
        }
        Switch::Never => std::future::pending().await,
        Switch::Leave => std::process::exit(3),
        Switch::Write => {
            let written = std::fs::write("/var/file", "x");
            Err(Error::failed(format!("write: {:?}", written.map_err(|error| error.kind()))))
        }
    }
}

#[expect(unconditional_recursion, reason = "that is what it is for")]
fn recurse(depth: u64) -> u64 {
    // Not a tail call.
    black_box(recurse(depth + 1)) + depth
}

ww_plugin::export!(Unruly);
