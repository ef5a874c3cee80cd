//! A party's objects, and what the party has.

use std::any::Any;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::{Rc, Weak};

use capnp::capability::{Promise, Response};
use capnp::private::capability::{ClientHook, PipelineHook, PipelineOp};
use capnp::{Error, any_pointer};
use futures::channel::oneshot;
use ww_call::foreign::settle;
use ww_call::{Answer, Call, EarlyPipeline, Message, Pending, Proxy, Target};

use crate::local::now;
use crate::message::{read_answer, read_call, write_answer, write_call};
use crate::player::{INTERFACE, Reply};

/// What one party has.
pub(crate) struct Site {
    /// Whether others can use what its objects will give before they give it.
    promises: bool,
    pub places: RefCell<Vec<Option<Box<dyn ClientHook>>>>,
    /// The calls that wait at its objects.
    pub parked: RefCell<BTreeMap<usize, Parked>>,
    pub objects: RefCell<BTreeMap<usize, Weak<Object>>>,
    /// The calls that it has made.
    calls: RefCell<BTreeMap<usize, Made>>,
}

type Promised = Promise<Response<any_pointer::Owned>, Error>;

/// What a call that was made has come to: an object and what it gave.
pub(crate) type Given = capnp::Result<(usize, Option<Box<dyn ClientHook>>)>;

/// A call that was made.
enum Made {
    Waiting(Promised),
    Ended(Given),
}

pub(crate) struct Parked {
    object: usize,
    known: Option<Box<dyn ClientHook>>,
    answer: oneshot::Sender<Message>,
}

impl Site {
    pub(crate) fn new(promises: bool) -> Self {
        let (places, parked, objects, calls) = Default::default();
        Self { promises, places, parked, objects, calls }
    }

    pub(crate) fn promises(&self) -> bool {
        self.promises
    }

    pub(crate) fn receive(&self, hook: Box<dyn ClientHook>) {
        self.places.borrow_mut().push(Some(hook));
    }

    pub(crate) fn make(self: &Rc<Self>, id: usize) {
        let object = Rc::new(Object { id, site: Rc::downgrade(self) });
        self.objects.borrow_mut().insert(id, Rc::downgrade(&object));
        self.receive(Proxy::hook(object));
    }

    /// What is in a place, followed to its end.
    pub(crate) fn at(&self, place: usize) -> Option<Box<dyn ClientHook>> {
        let hook = self.places.borrow().get(place)?.as_ref()?.add_ref();
        let settled = settle(hook).0;
        // Dropped when nothing is borrowed any more: it may be the last reference to anything.
        let old = self.places.borrow_mut()[place].replace(settled.add_ref());
        drop(old);
        Some(settled)
    }

    /// Makes a call. It is not looked after before [`Site::look_after`]. Returns the promise of what it gives.
    pub(crate) fn call(
        &self,
        hook: &dyn ClientHook,
        method: u16,
        token: usize,
        reply: Reply,
        params: Vec<Box<dyn ClientHook>>,
    ) -> Box<dyn PipelineHook> {
        let mut request = hook.new_call(INTERFACE, method, None);
        write_call(request.hook.get(), token, reply, params.into_iter());
        let sent = request.hook.send();
        self.calls.borrow_mut().insert(token, Made::Waiting(sent.promise));
        sent.pipeline.hook
    }

    /// Looks after a call.
    pub(crate) fn look_after(&self, token: usize) {
        // Out of the cell: whoever is called may call again.
        let made = self.calls.borrow_mut().remove(&token);
        let made = match made {
            Some(Made::Waiting(mut promise)) => match now(&mut promise) {
                Some(ended) => Made::Ended(ended.and_then(|response| read_answer(response.get()?))),
                None => Made::Waiting(promise),
            },
            Some(ended) => ended,
            None => return,
        };
        self.calls.borrow_mut().insert(token, made);
    }

    /// Looks after a call, and takes what it has come to.
    pub(crate) fn take(&self, token: usize) -> Option<Given> {
        self.look_after(token);
        let mut calls = self.calls.borrow_mut();
        match calls.remove(&token)? {
            Made::Ended(given) => Some(given),
            waiting => {
                calls.insert(token, waiting);
                None
            }
        }
    }

    /// Looks after all calls.
    pub(crate) fn look_after_all(&self) {
        let all: Vec<_> = self.calls.borrow().keys().copied().collect();
        all.into_iter().for_each(|token| self.look_after(token));
    }

    /// The calls that have ended, as far as somebody has looked after them.
    pub(crate) fn ended(&self) -> BTreeSet<usize> {
        let calls = self.calls.borrow();
        calls.iter().filter(|(_, made)| matches!(made, Made::Ended(_))).map(|(token, _)| *token).collect()
    }

    /// Gives up a call.
    pub(crate) fn forget(&self, token: usize) {
        let made = self.calls.borrow_mut().remove(&token);
        drop(made);
    }

    /// Calls what is in a place, from inside a call.
    fn pass_on(&self, token: usize, method: u16, place: usize) {
        if let Some(hook) = self.picked(place) {
            self.call(&*hook, method, token, Reply::Nothing, Vec::new());
            self.look_after(token);
        }
    }

    fn picked(&self, place: usize) -> Option<Box<dyn ClientHook>> {
        let count = self.places.borrow().len();
        self.at(place % count.max(1))
    }

    pub(crate) fn answer(&self, token: usize, place: Option<usize>) {
        let parked = self.parked.borrow_mut().remove(&token);
        if let Some(Parked { object, known, answer }) = parked {
            let there = place.and_then(|place| self.at(place));
            let given = known.or(there);
            // Whoever made the call may be gone.
            drop(answer.send(answer_of(object, given)));
        }
    }

    /// The calls that wait at its objects and whose callers still wait for them.
    pub(crate) fn waiting(&self) -> BTreeSet<usize> {
        let all = self.parked.take();
        let (over, waiting): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, parked)| parked.answer.is_canceled());
        let tokens = waiting.iter().map(|(token, _)| *token).collect();
        self.parked.borrow_mut().extend(waiting);
        // Dropped when nothing is borrowed any more: what it knows may be the last reference to anything.
        drop(over);
        tokens
    }

    /// Its objects that are alive.
    pub(crate) fn alive(&self) -> BTreeSet<usize> {
        let objects = self.objects.borrow();
        objects.iter().filter(|(_, object)| object.strong_count() > 0).map(|(id, _)| *id).collect()
    }
}

/// An object of a party's. Every method does what the call says.
pub(crate) struct Object {
    id: usize,
    site: Weak<Site>,
}

impl Target for Object {
    fn call(&self, call: Call) -> Answer {
        let Some(site) = self.site.upgrade() else { return Answer::Failed(Error::failed("too late".into())) };
        let (token, reply, params) = match call.params.root().and_then(read_call) {
            Ok(call) => call,
            Err(error) => return Answer::Failed(error),
        };
        let method = call.method;
        drop(call);
        params.into_iter().for_each(|hook| site.receive(hook));
        match reply {
            Reply::Nothing => Answer::Done(answer_of(self.id, None)),
            Reply::Fail => Answer::Failed(Error::failed("as it was told to".into())),
            Reply::Give(place) => Answer::Done(answer_of(self.id, site.picked(place))),
            Reply::PassOn(place) => {
                site.pass_on(Reply::inside(token), method, place);
                Answer::Done(answer_of(self.id, None))
            }
            Reply::LaterKnown(place) if site.promises => Answer::Pending(self.park(&site, token, site.picked(place))),
            Reply::Later | Reply::LaterKnown(_) => Answer::Pending(self.park(&site, token, None)),
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Object {
    fn park(&self, site: &Site, token: usize, known: Option<Box<dyn ClientHook>>) -> Pending {
        let (answer, arrives) = oneshot::channel();
        let pending = Pending::new(async move { arrives.await.map_err(|_| Error::failed("never".into())) });
        let early = known.as_ref().map(|hook| Known(answer_of(self.id, Some(hook.add_ref()))));
        site.parked.borrow_mut().insert(token, Parked { object: self.id, known, answer });
        match early {
            Some(early) => pending.with_early(Rc::new(early)),
            None => pending,
        }
    }
}

struct Known(Message);

impl EarlyPipeline for Known {
    fn cap(&self, ops: &[PipelineOp]) -> Option<Box<dyn ClientHook>> {
        Some(self.0.cap_at(ops))
    }
}

fn answer_of(object: usize, given: Option<Box<dyn ClientHook>>) -> Message {
    let mut message = Message::new();
    write_answer(message.builder().expect("a new message"), object, given);
    message
}
