//! What a provider itself may use, and how long.

use std::cell::RefCell;
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
    granted: RefCell<Vec<Grant>>,
}

/// What a provider may use: capabilities by name.
pub type Granted = Vec<(Name, Box<dyn ClientHook>)>;

/// Something that was granted, as its source gave it.
struct Grant {
    name: Name,
    cap: Box<dyn ClientHook>,
    issuer: Party,
}

impl Tenure {
    /// The tenure, from now on, of the provider that the host calls `name`.
    pub fn new(worker: Rc<Worker>, name: String) -> Self {
        let granted = RefCell::default();
        Self { worker, name, party: Party::new(), end: Restriction::of_time(), granted }
    }

    /// The same provider, open again: the tenure of that, and what this one was granted.
    ///
    /// # Errors
    /// What cannot be granted any more.
    pub fn again(&self) -> Result<(Self, Granted), Error> {
        let (worker, name, party) = (self.worker.clone(), self.name.clone(), self.party.clone());
        let again = Self { worker, name, party, end: Restriction::of_time(), granted: RefCell::default() };
        let granted = self.granted.borrow();
        let granted = granted.iter().map(|grant| Ok((grant.name.clone(), again.hand_over(grant)?)));
        let granted = granted.collect::<Result<_, Error>>()?;
        Ok((again, granted))
    }

    /// A capability for the provider to use, of those that are configured.
    ///
    /// # Errors
    /// `failed` where there is none of that name, and what its source says.
    pub async fn grant(&self, registry: &Registry, name: &Name) -> Result<Box<dyn ClientHook>, Error> {
        let entry = registry.entry(name).map_err(|error| Error::failed(error.to_string()))?;
        let caller = Caller { name: self.name.clone(), epoch: self.worker.authority().epoch() };
        let cap = entry.source.attach(caller).await?;
        let grant = Grant { name: name.clone(), cap, issuer: entry.issuer.clone() };
        let cap = self.hand_over(&grant)?;
        self.granted.borrow_mut().push(grant);
        Ok(cap)
    }

    fn hand_over(&self, grant: &Grant) -> Result<Box<dyn ClientHook>, Error> {
        let way = Policy::until_revoked(grant.issuer.clone(), self.party.clone(), self.end.clone());
        self.worker.pass(grant.cap.add_ref(), &way)
    }

    /// Who the provider is among the parties.
    pub fn party(&self) -> &Party {
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
        let (next, again) = tenure.again().unwrap();
        drop(tenure);
        assert_eq!(call(&*granted), "this capability was revoked");
        assert_eq!(
            again.iter().map(|(name, cap)| (name.as_str(), call(&**cap))).collect::<Vec<_>>(),
            [("a", "reached".to_owned())]
        );
        drop(next);
        assert_eq!(call(&*again[0].1), "this capability was revoked");
    }
}
