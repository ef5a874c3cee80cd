//! An instance of the plugin that is checked: one that is not open, and one that is.

use std::cell::OnceCell;
use std::rc::Rc;
use std::time::Duration;

use capnp::capability::{Client, FromClientHook};
use capnp::private::capability::ClientHook;
use capnp::{Error, ErrorKind};
use membrane::{Caller, Granted};
use serde_json::{Map, Value};
use ww_capnp::provider_capnp::{provider, service};

use super::outcome::{Found, Outcome, failed};
use super::subject::Subject;
use crate::plugin::component::Instance;
use crate::plugin::provider::{DEADLINE, Started, requests};

/// An interface that nobody has.
pub(super) const NO_INTERFACE: u64 = 0xffff_0000_ffff_0000;

/// An instance that is not open. It ends when it is dropped.
pub(super) struct Fresh {
    pub(super) provider: provider::Client,
    made: Made,
}

enum Made {
    Native(Started),
    Component { instance: Instance, ended: Rc<OnceCell<String>> },
}

impl Fresh {
    pub(super) fn native(started: Started) -> Self {
        let provider = FromClientHook::new(started.native().provider());
        Self { provider, made: Made::Native(started) }
    }

    /// `ended` says why it has ended, once it has.
    pub(super) fn component(instance: Instance, ended: Rc<OnceCell<String>>) -> Self {
        Self { provider: instance.provider.clone(), made: Made::Component { instance, ended } }
    }

    /// Why it has failed, where it has.
    pub(super) fn failure(&self) -> Option<String> {
        match &self.made {
            Made::Native(started) => started.native().failure().get().cloned(),
            Made::Component { ended, .. } => ended.get().cloned(),
        }
    }

    /// Opens it.
    pub(super) async fn open(&self, config: &Map<String, Value>, grants: Granted) -> Result<service::Client, Error> {
        requests::open(&self.provider, config, grants).await
    }

    /// Ends it, as a node does after `close`.
    pub(super) fn end(&self) {
        match &self.made {
            Made::Native(started) => started.native().close(),
            Made::Component { instance, .. } => instance.end(),
        }
    }
}

/// An instance that is open.
pub(super) struct Opened<'a> {
    subject: &'a Subject,
    pub(super) fresh: Fresh,
    pub(super) service: service::Client,
}

impl<'a> Opened<'a> {
    pub(super) fn new(subject: &'a Subject, fresh: Fresh, service: service::Client) -> Self {
        Self { subject, fresh, service }
    }

    /// The capability for the caller of this number.
    pub(super) async fn attach(&self, number: usize) -> Found<Client> {
        attach(&self.service, number).await
    }

    /// Closes and ends it. It must not have failed; how it closes is looked at elsewhere.
    pub(super) async fn finish(self) -> Found<()> {
        let Self { subject, fresh, service } = self;
        drop(service);
        close(subject, &fresh).await;
        well(subject, &fresh)
    }
}

/// Asks an instance to close, unless others did not when they were asked.
pub(super) async fn close(subject: &Subject, fresh: &Fresh) {
    if !subject.closes_badly.get() && requests::close(&fresh.provider).await.is_err() {
        subject.closes_badly.set(true);
    }
}

/// Whether an instance has not failed.
pub(super) fn well(subject: &Subject, fresh: &Fresh) -> Found<()> {
    subject.note(fresh);
    fresh.failure().map_or(Ok(()), |why| failed(format!("the provider has failed: {why}")))
}

/// The capability for the caller of this number.
pub(super) async fn attach(service: &service::Client, number: usize) -> Found<Client> {
    let attached = requests::attach(service, &caller(number)).await;
    attached.map(Client::new).map_err(|error| Outcome::fails("attach", &error))
}

/// A caller, as a node names those.
pub(super) fn caller(number: usize) -> Caller {
    Caller { name: format!("check-{number}"), epoch: 0 }
}

/// Calls a method without parameters.
pub(super) async fn call(cap: &dyn ClientHook, interface: u64, method: u16) -> Result<(), Error> {
    let answer = cap.new_call(interface, method, None).send().promise;
    within(DEADLINE, async { answer.await.map(drop) }).await
}

/// That a call which nobody can know fails as such.
pub(super) async fn unknown(what: &str, cap: &dyn ClientHook, interface: u64, method: u16) -> Found<()> {
    match call(cap, interface, method).await {
        Err(error) if error.kind == ErrorKind::Unimplemented => Ok(()),
        Err(error) => failed(format!("{what} fails as {:?}, not as Unimplemented: {}", error.kind, error.extra)),
        Ok(()) => failed(format!("{what} is answered, and should fail as Unimplemented")),
    }
}

/// An answer, or that there is none in time.
pub(super) async fn within<T>(time: Duration, answer: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let late = |_| Error::failed(format!("no answer within {} s", time.as_secs()));
    tokio::time::timeout(time, answer).await.map_err(late)?
}
