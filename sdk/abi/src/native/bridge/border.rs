//! One side's view of one instance of a plugin.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::{Rc, Weak};
use std::sync::Arc;

use capnp::private::capability::ClientHook;
use capnp::{Error, ErrorKind};
use slab::Slab;
use ww_call::foreign::settle;
use ww_call::{Proxy, Target};

use super::activity::Activity;
use super::entry::Entry;
use super::export::{self, Export, Identity};
use super::flight::Flight;
use super::import::Import;
use super::pull::Pull;
use super::queue::{Held, Queue};
use crate::RawCap;

/// One side's view of one instance of a plugin: what of its own the other side holds, and the other way round.
///
/// It lives on one thread, for as long as anything of it does, and ends for good when it is closed.
pub struct Border {
    pub(super) entry: Box<dyn Entry>,
    /// Where the other side's calls wait for their turn. A plugin is called in place.
    pub(super) queue: Option<Queue>,
    /// What the other side's code is doing.
    pub(super) activity: Arc<Activity>,
    exports: RefCell<HashMap<Identity, Weak<Export>>>,
    imports: RefCell<HashMap<usize, Weak<Import>>>,
    /// The other side's calls that are pending.
    pub(super) flights: Register<Flight>,
    /// Our calls that are pending.
    pub(super) pulls: Register<Pull>,
    /// Bytes that are held for them.
    pub(super) held: Held,
    closed: RefCell<Option<Error>>,
}

impl Border {
    pub(super) fn new(entry: Box<dyn Entry>, queue: Option<Queue>, activity: Arc<Activity>) -> Rc<Self> {
        Rc::new(Self {
            entry,
            queue,
            activity,
            exports: RefCell::default(),
            imports: RefCell::default(),
            flights: Register::default(),
            pulls: Register::default(),
            held: Held::default(),
            closed: RefCell::default(),
        })
    }

    /// Works on what the other side asks for, until the border is closed.
    pub async fn run(self: Rc<Self>) {
        if let Some(queue) = &self.queue {
            queue.run(&self).await;
        }
    }

    /// Ends it: pending calls of either side fail as `disconnected` with the text of `reason`, and so does every later
    /// one; all that one side holds of the other's is given back.
    pub fn close(&self, reason: &Error) {
        if self.closed.borrow().is_some() {
            return;
        }
        self.closed.replace(Some(Error { kind: ErrorKind::Disconnected, ..reason.clone() }));
        let exports = std::mem::take(&mut *self.exports.borrow_mut());
        for export in exports.into_values().filter_map(|export| export.upgrade()) {
            export.close();
        }
        self.flights.take().iter().for_each(|flight| flight.close());
        self.pulls.take().iter().for_each(|pull| pull.close());
        let imports = std::mem::take(&mut *self.imports.borrow_mut());
        for import in imports.into_values().filter_map(|import| import.upgrade()) {
            import.close();
        }
        if let Some(queue) = &self.queue {
            queue.clear();
        }
    }

    /// Whether it has ended, and why.
    pub fn closed(&self) -> Option<Error> {
        self.closed.borrow().clone()
    }

    /// # Errors
    /// `disconnected` where it has ended.
    pub(super) fn open(&self) -> capnp::Result<()> {
        match &*self.closed.borrow() {
            Some(reason) => Err(reason.clone()),
            None => Ok(()),
        }
    }

    /// How many objects of this side's the other one holds, and the other way round.
    pub fn objects(&self) -> (usize, usize) {
        (self.exports.borrow().len(), self.imports.borrow().len())
    }

    /// How many calls are pending: the other side's, and ours.
    pub fn pending(&self) -> (usize, usize) {
        (self.flights.count(), self.pulls.count())
    }

    /// A reference to a capability for the other side.
    pub(super) fn export_cap(self: &Rc<Self>, hook: Option<&dyn ClientHook>) -> RawCap {
        hook.map_or(RawCap::NULL, |hook| self.export(hook.add_ref()))
    }

    pub(super) fn export(self: &Rc<Self>, hook: Box<dyn ClientHook>) -> RawCap {
        let (hook, target) = settle(hook);
        if let Some(import) = target.as_any().downcast_ref::<Import>()
            && let Some(home) = import.home(self)
        {
            return home;
        }
        let identity = (hook.get_brand(), hook.get_ptr());
        let known = self.exports.borrow().get(&identity).and_then(Weak::upgrade);
        let export = known.unwrap_or_else(|| {
            let export = Export::new(self.clone(), identity, hook, target);
            // Of a border that has ended nothing is kept: nobody would take it back.
            if self.closed.borrow().is_none() {
                self.exports.borrow_mut().insert(identity, Rc::downgrade(&export));
            }
            export
        });
        export::raw(export)
    }

    pub(super) fn forget_export(&self, identity: &Identity) {
        let mut exports = self.exports.borrow_mut();
        if exports.get(identity).is_some_and(|export| export.strong_count() == 0) {
            exports.remove(identity);
        }
    }

    /// The capability that a reference of the other side's is; the reference is ours now.
    pub(super) fn receive_cap(self: &Rc<Self>, raw: RawCap) -> Option<Box<dyn ClientHook>> {
        if raw.is_null() {
            return None;
        }
        if let Some(own) = export::own(self, raw) {
            return Some(own);
        }
        Some(Proxy::hook(self.import(raw)))
    }

    fn import(self: &Rc<Self>, raw: RawCap) -> Rc<dyn Target> {
        let known = self.imports.borrow().get(&(raw.object as usize)).and_then(Weak::upgrade);
        if let Some(import) = known {
            // One reference is enough for any number of holders here.
            import.give_back(raw);
            return import;
        }
        let import = Rc::new(Import::new(self.clone(), raw));
        if self.closed.borrow().is_some() {
            import.close();
        } else {
            self.imports.borrow_mut().insert(raw.object as usize, Rc::downgrade(&import));
        }
        import
    }

    pub(super) fn forget_import(&self, raw: RawCap) {
        let mut imports = self.imports.borrow_mut();
        if imports.get(&(raw.object as usize)).is_some_and(|import| import.strong_count() == 0) {
            imports.remove(&(raw.object as usize));
        }
    }
}

/// What has to be told when the border ends.
pub(super) struct Register<T>(RefCell<Slab<Weak<T>>>);

impl<T> Default for Register<T> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<T> Register<T> {
    /// Enters something, made with its number here.
    pub(super) fn enter(&self, make: impl FnOnce(usize) -> T) -> Rc<T> {
        let key = self.0.borrow_mut().insert(Weak::new());
        let entered = Rc::new(make(key));
        if let Some(entry) = self.0.borrow_mut().get_mut(key) {
            *entry = Rc::downgrade(&entered);
        }
        entered
    }

    pub(super) fn leave(&self, key: usize) {
        self.0.borrow_mut().try_remove(key);
    }

    fn count(&self) -> usize {
        self.0.borrow().len()
    }

    /// All that is there. Those who leave later find nothing, and no one enters a border that has ended.
    fn take(&self) -> Vec<Rc<T>> {
        std::mem::take(&mut *self.0.borrow_mut()).into_iter().filter_map(|(_, entry)| entry.upgrade()).collect()
    }
}
