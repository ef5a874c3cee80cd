//! A plugin that misbehaves on purpose, by switches. It serves `Executor`, of which only `echo` does anything: what a guest
//! says is the switch of that call.

mod switch;

use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

#[cfg(not(feature = "contract"))]
use capnp::traits::HasTypeId;
use schemars::JsonSchema;
use serde::Deserialize;
use switch::Switch;
#[cfg(not(feature = "contract"))]
use ww_abi::Manifest;
use ww_abi::{RawAnswer, RawCap, RawStart};
use ww_plugin::system_capnp::executor;
use ww_plugin::{Caller, Grants, Provider, Result};

/// Longer than a watchdog waits.
const LONG: Duration = Duration::from_secs(7);

struct Broken(Switch);

/// How it misbehaves.
#[derive(Deserialize, JsonSchema)]
struct Config {
    /// The name of a switch.
    #[serde(default)]
    switch: String,
}

/// The switch of this name; none where nothing is to go wrong.
fn switch_of(name: &str) -> Switch {
    Switch::ALL.iter().copied().find(|switch| switch.name() == name).unwrap_or(Switch::None)
}

impl Provider for Broken {
    const NAME: &str = "broken";
    const DESCRIPTION: &str = "Misbehaves on purpose";
    type Config = Config;
    type Client = executor::Client;

    async fn open(config: Config, _grants: Grants) -> Result<Self> {
        let switch = switch_of(&config.switch);
        match switch {
            Switch::PanicInOpen => panic!("on purpose"),
            Switch::FailInOpen => return Err("the database is locked".into()),
            Switch::HangInOpen => pending().await,
            Switch::BlockInOpen => std::thread::sleep(LONG),
            Switch::AbortInOpen => std::process::abort(),
            Switch::PrintInOpen => println!("on purpose"),
            _ => tracing::info!(switch = switch.name(), "open"),
        }
        Ok(Self(switch))
    }

    async fn attach(self: Rc<Self>, _caller: Caller) -> Result<executor::Client> {
        if self.0 == Switch::PanicInAttach {
            panic!("on purpose");
        }
        Ok(ww_plugin::new_client(Echo))
    }

    async fn close(self: Rc<Self>) -> Result<()> {
        if self.0 == Switch::HangInClose {
            pending::<()>().await;
        }
        Ok(())
    }
}

struct Echo;

impl executor::Server for Echo {
    async fn echo(
        self: Rc<Self>,
        params: executor::EchoParams,
        mut results: executor::EchoResults,
    ) -> Result<(), capnp::Error> {
        let message = params.get()?.get_message()?.to_str()?;
        misbehave(switch_of(message)).await;
        results.get().set_response(message);
        Ok(())
    }
}

async fn misbehave(switch: Switch) {
    match switch {
        Switch::PanicInCall => panic!("on purpose"),
        Switch::PanicInPoll => {
            turn().await;
            panic!("on purpose");
        }
        Switch::PanicInDrop => {
            let _bomb = Bomb;
            pending::<()>().await;
        }
        Switch::PanicInThread => drop(std::thread::spawn(|| panic!("on purpose")).join()),
        Switch::PanicInTask => {
            ww_plugin::spawn_local(async { panic!("on purpose") });
            turn().await;
        }
        Switch::HangInCall => pending().await,
        Switch::BlockInCall => std::thread::sleep(LONG),
        _ => {}
    }
}

/// Lets everybody else go first.
async fn turn() {
    let mut first = true;
    poll_fn(|context| {
        if std::mem::replace(&mut first, false) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(())
    })
    .await;
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("on purpose");
    }
}

#[cfg(not(feature = "contract"))]
ww_abi::manifest!(MANIFEST);

#[cfg(not(feature = "contract"))]
const MANIFEST: Manifest = Manifest {
    name: Broken::NAME,
    version: env!("CARGO_PKG_VERSION"),
    description: if cfg!(feature = "lying") { "Does as it should" } else { Broken::DESCRIPTION },
    interface: <executor::Client as HasTypeId>::TYPE_ID,
    roles: &[],
    requires: &[],
};

/// What a plugin of the next contract says, as far as this one can tell.
#[cfg(feature = "contract")]
#[unsafe(link_section = "ww.manifest")]
#[used]
static SECTION: [u8; 32] = *br#"{"contract":2,"name":["broken"]}"#;

/// What the system's loader runs before anybody has asked for anything.
#[cfg(feature = "initializer")]
#[unsafe(link_section = ".init_array")]
#[used]
static INITIALIZER: extern "C" fn() = {
    extern "C" fn initialize() {
        // Who looks for the file says what is wrong.
        let _ = std::fs::write("initialized", "");
    }
    initialize
};

#[cfg(not(feature = "rootless"))]
ww_abi::export_root!(start);

/// Starts an instance, unless its name says that it must not.
#[cfg_attr(feature = "rootless", expect(dead_code, reason = "nobody finds it"))]
unsafe extern "C" fn start(raw: *const RawStart, root: *mut RawCap, answer: *mut RawAnswer) {
    // SAFETY: the node calls this function by the rules of `Root::start`.
    let name = unsafe { std::slice::from_raw_parts((*raw).name, (*raw).name_length) };
    if name == Switch::PanicInStart.name().as_bytes() {
        // Without the SDK nobody else keeps a panic from being printed.
        std::panic::set_hook(Box::new(|_| ()));
        let entry = ww_abi::bridge::Directly;
        // SAFETY: as above.
        unsafe { ww_abi::bridge::start(raw, root, answer, entry, |_| panic!("on purpose")) };
        return;
    }
    // SAFETY: as above.
    unsafe { ww_plugin::exported::start::<Broken>(raw, root, answer, env!("CARGO_PKG_VERSION")) };
}
