//! A party in this process.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use capnp::ErrorKind;
use capnp::private::capability::ClientHook;
use futures::channel::oneshot;
use membrane::guard::layers;
use ww_call::Deferred;
use ww_capnp::stem_capnp::{membrane as membrane_capnp, revoker};

use crate::message::GIVEN;
use crate::model::Outcome;
use crate::object::Site;
use crate::player::{Ask, Facts, Player};

/// A party in this process.
#[derive(Default)]
pub(crate) struct Local {
    pub site: Rc<Site>,
    /// Only callers have one.
    membrane: Option<membrane_capnp::Client>,
    /// Its promises that are still to be kept, by the places of its references to them.
    promises: BTreeMap<usize, oneshot::Sender<Box<dyn ClientHook>>>,
    revokers: BTreeMap<usize, revoker::Client>,
}

impl Local {
    /// A caller, with what it grafts onto.
    pub(crate) fn caller(membrane: membrane_capnp::Client) -> Self {
        Self { membrane: Some(membrane), ..Self::default() }
    }
}

impl Player for Local {
    fn places(&self) -> usize {
        self.site.places.borrow().len()
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

    fn promise(&mut self) -> bool {
        let (keep, kept) = oneshot::channel();
        self.promises.insert(self.places(), keep);
        self.site.receive(Deferred::client_of(async move {
            kept.await.map_err(|_| capnp::Error::failed("a promise was not kept".into()))
        }));
        true
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
        let old = self.site.places.borrow_mut()[place].take();
        drop(old);
    }

    fn settle(&mut self, place: usize) {
        drop(self.site.at(place));
    }

    fn call(&mut self, ask: &Ask) {
        let params: Vec<_> = ask.params.iter().filter_map(|place| self.site.at(*place)).collect();
        let Some(hook) = self.site.at(ask.place) else { return };
        let pipeline = self.site.call(&*hook, ask.method, ask.token, ask.reply, params);
        if ask.pipelined {
            self.site.receive(pipeline.get_pipelined_cap(&[GIVEN]));
        }
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

    fn is_waiting(&mut self, token: usize) -> bool {
        self.site.is_waiting(token)
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

    fn facts(&mut self, place: usize) -> Facts {
        let hook = self.site.at(place).expect("something to look at");
        Facts { identity: hook.get_ptr(), layers: Some(layers(&*hook)) }
    }

    fn is_alive(&mut self, object: usize) -> bool {
        self.site.objects.borrow().get(&object).is_some_and(|object| object.strong_count() > 0)
    }
}

/// What a future is ready with.
pub(crate) fn now<F: Future + Unpin>(mut future: F) -> Option<F::Output> {
    match Pin::new(&mut future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}
