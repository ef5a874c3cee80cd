//! What a provider itself may use, and how long.

use std::rc::Rc;

use capnp::Error;
use capnp::private::capability::ClientHook;

use crate::name::Name;
use crate::policy::{Party, Policy};
use crate::registry::{Caller, Registry};
use crate::restriction::Restriction;
use crate::worker::Worker;

/// The time during which a provider is open. What it was granted lives that long, whatever becomes of epochs, and is
/// revoked when this is dropped.
pub struct Tenure {
    worker: Rc<Worker>,
    name: String,
    party: Party,
    end: Rc<Restriction>,
}

impl Tenure {
    /// The tenure, from now on, of the provider that the host calls `name`.
    pub fn new(worker: Rc<Worker>, name: String) -> Self {
        Self { worker, name, party: Party::new(), end: Restriction::of_time() }
    }

    /// A capability for the provider to use, of those that are configured.
    ///
    /// # Errors
    /// `failed` where there is none of that name, and what its source says.
    pub async fn grant(&self, registry: &Registry, name: &Name) -> Result<Box<dyn ClientHook>, Error> {
        let entry = registry.entry(name).map_err(|error| Error::failed(error.to_string()))?;
        let caller = Caller { name: self.name.clone(), epoch: self.worker.authority().epoch() };
        let cap = entry.source.attach(caller).await?;
        let way = Policy::until_revoked(entry.issuer.clone(), self.party.clone(), self.end.clone());
        self.worker.pass(cap, &way)
    }

    /// Who the provider is among the parties.
    pub(crate) fn party(&self) -> &Party {
        &self.party
    }
}

impl Drop for Tenure {
    fn drop(&mut self) {
        self.end.revoke();
    }
}

#[cfg(test)]
mod tests {
    use capnp::capability::Client;
    use futures::executor::block_on;
    use ww_call::{Answer, Call, Message, target_of};

    use super::*;
    use crate::epoch::Authority;

    /// What a call of nothing in particular comes to.
    fn call(hook: &dyn ClientHook) -> String {
        let target = target_of(hook).expect("a guard");
        match target.call(Call { interface: 1, method: 1, streaming: false, params: Message::new() }) {
            Answer::Failed(error) => error.extra,
            _ => "an answer".to_owned(),
        }
    }

    #[test]
    fn a_grant_outlives_epochs_and_ends_with_the_tenure() {
        let mut registry = Registry::new();
        let nobody: Client = Client::new(ww_call::broken_client(Error::failed("reached".into())));
        registry.register("a".parse().unwrap(), nobody).unwrap();
        let authority = Authority::new(0);
        let tenure = Tenure::new(Worker::new(&authority), "provider".to_owned());
        let granted = block_on(tenure.grant(&registry, &"a".parse().unwrap())).unwrap();
        authority.advance();
        assert_eq!(call(&*granted), "reached");
        let error = block_on(tenure.grant(&registry, &"b".parse().unwrap())).err().unwrap();
        assert_eq!(error.extra, "capability 'b' is not configured; configured: a");
        drop(tenure);
        assert_eq!(call(&*granted), "this capability was revoked");
    }
}
