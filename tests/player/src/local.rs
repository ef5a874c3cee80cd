//! A party in this process.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use capnp::ErrorKind;
use capnp::private::capability::ClientHook;
use futures::channel::oneshot;
use ww_call::{Deferred, broken_client};
use ww_capnp::stem_capnp::{membrane as membrane_capnp, revoker};

use crate::message::GIVEN;
use crate::object::Site;
use crate::player::{Ask, Outcome, Player, State};

/// A party in this process.
pub struct Local {
    site: Rc<Site>,
    /// Only callers have one.
    membrane: Option<membrane_capnp::Client>,
    /// Its promises that are still to be kept, by the places of its references to them.
    promises: BTreeMap<usize, oneshot::Sender<Box<dyn ClientHook>>>,
    revokers: BTreeMap<usize, revoker::Client>,
    /// The promise of what the last call will give, until it gets a place.
    pipelined: Option<Box<dyn ClientHook>>,
}

impl Local {
    /// A party, with what it grafts onto if it is a caller, which [promises](Player::promises) things or not.
    pub fn new(membrane: Option<membrane_capnp::Client>, promises: bool) -> Self {
        let (kept, revokers, pipelined) = Default::default();
        Self { site: Rc::new(Site::new(promises)), membrane, promises: kept, revokers, pipelined }
    }

    /// Looks after all calls.
    pub(crate) fn look_after_all(&self) {
        self.site.look_after_all();
    }
}

impl Player for Local {
    fn promises(&self) -> bool {
        self.site.promises()
    }

    fn state(&mut self) -> State {
        let (waiting, alive, ended) = (self.site.waiting(), self.site.alive(), self.site.ended());
        State { places: self.site.places.borrow().len(), waiting, alive, ended }
    }

    fn graft(&mut self) -> Result<(), String> {
        let membrane = self.membrane.as_ref().ok_or("nothing to graft onto")?;
        let answer = now(membrane.graft_request().send().promise).ok_or("a graft waits")?;
        let answer = answer.map_err(|error| error.to_string())?;
        for export in answer.get().and_then(|session| session.get_caps()).map_err(|error| error.to_string())? {
            let cap = export.get_cap().get_as_capability::<capnp::capability::Client>();
            self.site.receive(cap.map_err(|error| error.to_string())?.hook);
        }
        Ok(())
    }

    fn make(&mut self, object: usize) {
        self.site.make(object);
    }

    fn promise(&mut self) {
        let (keep, kept) = oneshot::channel();
        let place = self.site.places.borrow().len();
        self.promises.insert(place, keep);
        self.site.receive(Deferred::client_of(async move {
            kept.await.map_err(|_| capnp::Error::failed("a promise was not kept".into()))
        }));
    }

    fn keep(&mut self, promise: usize, place: usize) {
        let (Some(keep), Some(hook)) = (self.promises.remove(&promise), self.site.at(place)) else { return };
        let promise = self.site.at(promise);
        drop(keep.send(hook));
        // A promise is kept when somebody looks after it.
        if let Some(resolution) = promise.and_then(|promise| promise.when_more_resolved()) {
            drop(now(resolution));
        }
    }

    fn drop_reference(&mut self, place: usize) {
        let old = self.site.places.borrow_mut().get_mut(place).and_then(Option::take);
        drop(old);
    }

    fn settle(&mut self, place: usize) {
        drop(self.site.at(place));
    }

    fn call(&mut self, ask: &Ask) {
        let params: Vec<_> = ask.params.iter().filter_map(|place| self.site.at(*place)).collect();
        let Some(hook) = self.site.at(ask.place) else { return };
        let pipeline = self.site.call(&*hook, ask.method, ask.token, ask.reply, params);
        self.pipelined = ask.pipelined.then(|| pipeline.get_pipelined_cap(&[GIVEN]));
    }

    fn take_pipelined(&mut self) {
        let pipelined = self.pipelined.take();
        pipelined.into_iter().for_each(|hook| self.site.receive(hook));
    }

    fn look_after(&mut self, token: usize) {
        self.site.look_after(token);
    }

    fn poll(&mut self, token: usize) -> Option<Outcome> {
        Some(match self.site.take(token)? {
            Ok((object, given)) => {
                given.into_iter().for_each(|hook| self.site.receive(hook));
                Outcome::Done(object)
            }
            Err(error) if error.kind == ErrorKind::Disconnected => Outcome::Dead,
            Err(_) => Outcome::Refused,
        })
    }

    fn forget(&mut self, token: usize) {
        self.site.forget(token);
    }

    fn answer(&mut self, token: usize, place: Option<usize>) {
        self.site.answer(token, place);
    }

    fn restrict(&mut self, restriction: usize, place: usize, interface: u64, methods: &[u16], calls: u64) -> bool {
        let (Some(membrane), Some(hook)) = (&self.membrane, self.site.at(place)) else { return false };
        let mut request = membrane.restrict_request();
        let mut params = request.get();
        params.reborrow().init_cap().set_as_capability(hook);
        params.set_interface_id(interface);
        params.set_calls(calls);
        params.set_methods(methods).expect("a list fits");
        let Some(Ok(response)) = now(request.send().promise) else { return false };
        let results = response.get().expect("results");
        let cap = results.get_cap().get_as_capability::<capnp::capability::Client>().expect("a capability");
        self.site.receive(cap.hook);
        self.revokers.insert(restriction, results.get_revoker().expect("a revoker"));
        true
    }

    fn revoke(&mut self, restriction: usize) {
        if let Some(revoker) = self.revokers.get(&restriction) {
            drop(now(revoker.revoke_request().send().promise));
        }
    }

    fn look(&mut self, place: usize) -> Box<dyn ClientHook> {
        let nothing = || broken_client(capnp::Error::failed("nothing is there".into()));
        self.site.at(place).unwrap_or_else(nothing)
    }
}

/// What a future is ready with.
pub fn now<F: Future + Unpin>(mut future: F) -> Option<F::Output> {
    match Pin::new(&mut future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}
