//! An instance of a native plugin.

use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use capnp::Error;
use capnp::private::capability::ClientHook;
use tokio::task::JoinHandle;
use ww_abi::RootRef;
use ww_abi::bridge::{self, Activity, Border, HostServices};

use super::log::Log;

/// A running instance, on the worker that started it. It ends when this is dropped.
pub struct Native {
    border: Rc<Border>,
    provider: Box<dyn ClientHook>,
    failure: Failure,
    running: JoinHandle<()>,
}

/// Why an instance has failed, where it has. Set once, from any thread.
pub type Failure = Arc<OnceLock<String>>;

impl Native {
    /// Starts an instance under the name that the operator gave it. Within a `LocalSet`. What it does shows in `activity`.
    ///
    /// # Errors
    /// What the plugin says.
    pub fn start(root: RootRef, name: &str, activity: Arc<Activity>) -> Result<Self, Error> {
        let failure = Failure::default();
        let services = Services { log: Log::of(name), failure: failure.clone() };
        let (border, provider) = bridge::connect(root, name, services, activity)?;
        let running = tokio::task::spawn_local(border.clone().run());
        Ok(Self { border, provider, failure, running })
    }

    /// What the instance is as a capability: a `Provider`.
    pub fn provider(&self) -> Box<dyn ClientHook> {
        self.provider.add_ref()
    }

    /// Why it has failed, where it has.
    pub fn failure(&self) -> &Failure {
        &self.failure
    }

    /// The node's side of the border.
    pub fn border(&self) -> &Rc<Border> {
        &self.border
    }
}

impl Native {
    /// Ends the instance: what is left of it fails as `disconnected`.
    pub fn close(&self) {
        self.border.close(&Error::disconnected("the provider is closed".into()));
        self.running.abort();
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        self.close();
    }
}

struct Services {
    log: Log,
    failure: Failure,
}

impl HostServices for Services {
    fn log(&self, level: u32, module: &str, text: &str) {
        self.log.write(level, module, text);
    }

    fn enabled(&self, level: u32) -> bool {
        self.log.enabled(level)
    }

    fn fail(&self, text: &str) {
        // The first failure is the one to be told of.
        let _ = self.failure.set(text.to_owned());
        self.log.write(ww_abi::Level::ERROR, "", &format!("failed: {text}"));
    }
}
