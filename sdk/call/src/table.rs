//! The numbers under which the two sides of a border know each other's objects.
//!
//! Each side keeps a table of the objects that it has lent to the other, and how often. The other side holds one
//! [`Import`] for each, however often it received it, and gives all references back at once when it drops the last.

use std::any::Any;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::rc::{Rc, Weak};

use capnp::Error;
use capnp::private::capability::ClientHook;
use slab::Slab;

use crate::foreign::settle;
use crate::message::{Caps, Message};
use crate::proxy::Proxy;
use crate::target::{Answer, Call, Target};

/// The null capability, in a message's handles.
pub const NULL: u32 = u32::MAX;

/// Marks a handle as the number of an object of the side that sends it.
pub const SENDERS: u32 = 1 << 31;

/// The object that each side has from the start, and never needs to lend.
pub const ROOT: u32 = 0;

/// Why calls fail where the other side has gone without saying why.
const GONE: &str = "the other side is gone";

/// The other side of a border.
pub trait Link: 'static {
    /// Calls an object of the other side's.
    fn call(&self, number: u32, call: Call) -> Answer;

    /// Gives back `count` references to an object of the other side's. Must not call anybody.
    fn release(&self, number: u32, count: u32);
}

/// What one side of a border knows: the objects that it has lent, and those that it has received.
pub struct Table {
    lent: RefCell<Lent>,
    received: RefCell<HashMap<u32, Weak<Import>>>,
    link: Weak<dyn Link>,
    /// Why the other side is gone, once it is.
    gone: Rc<OnceCell<Error>>,
}

struct Lent {
    objects: Slab<Object>,
    numbers: HashMap<Identity, u32>,
    limit: usize,
}

/// Two hooks of one brand and one pointer are the same object.
type Identity = (usize, usize);

type Settled = (Box<dyn ClientHook>, Rc<dyn Target>);

struct Object {
    hook: Box<dyn ClientHook>,
    target: Rc<dyn Target>,
    identity: Identity,
    references: u64,
    /// It was a promise when somebody looked last.
    promised: bool,
}

impl Object {
    /// What a client has turned out to be, see [`settle`].
    fn new((hook, target): Settled, references: u64) -> Self {
        let (identity, promised) = (identity(&*hook), target.awaits().is_some());
        Self { hook, target, identity, references, promised }
    }
}

impl Table {
    /// A table whose root is `root`, for the other side `link`. At most `limit` objects are lent or received at once.
    pub fn new(root: Box<dyn ClientHook>, link: Weak<dyn Link>, limit: usize) -> Self {
        let (received, gone) = Default::default();
        Self { lent: RefCell::new(Lent::new(root, limit)), received, link, gone }
    }

    /// Replaces the root.
    pub fn set_root(&self, root: Box<dyn ClientHook>) {
        // Dropped after the table is free again: an object's drop may come back to it.
        let _old = self.lent.borrow_mut().set_root(root);
    }

    /// The object of ours that the other side means by `number`.
    ///
    /// # Errors
    /// `failed` where no such object is lent.
    pub fn object(&self, number: u32) -> capnp::Result<Rc<dyn Target>> {
        self.with_object(number, |object| object.target.clone())
    }

    fn with_object<R>(&self, number: u32, read: impl FnOnce(&Object) -> R) -> capnp::Result<R> {
        let lent = self.lent.borrow();
        let object = lent.objects.get(number as usize).ok_or_else(|| unknown(number))?;
        if !object.promised {
            return Ok(read(object));
        }
        let target = object.target.clone();
        // Nothing is borrowed while somebody is asked what has become of a promise.
        drop(lent);
        self.follow(number, target);
        let lent = self.lent.borrow();
        lent.objects.get(number as usize).map(read).ok_or_else(|| unknown(number))
    }

    /// A promise that was lent is replaced by what it has turned out to be, when it is used. The other side cannot do that:
    /// to it, the promise is an object of ours for ever.
    fn follow(&self, number: u32, promise: Rc<dyn Target>) {
        let Some(resolved) = promise.resolved() else { return };
        let object = Object::new(settle(resolved), 0);
        // Dropped after the table is free again: an object's drop may come back to it.
        let _old = self.lent.borrow_mut().replace(number, &promise, object);
    }

    /// The other side's root.
    pub fn remote_root(&self) -> Box<dyn ClientHook> {
        // It is not counted, so it is not given back either.
        Proxy::hook(self.import(ROOT, 0))
    }

    /// An object that the other side has just lent.
    pub fn receive(&self, number: u32) -> Box<dyn ClientHook> {
        Proxy::hook(self.import(number, 1))
    }

    fn import(&self, number: u32, references: u32) -> Rc<Import> {
        let mut received = self.received.borrow_mut();
        if let Some(import) = received.get(&number).and_then(Weak::upgrade) {
            import.references.set(import.references.get().saturating_add(references));
            return import;
        }
        let (references, link, gone) = (Cell::new(references), self.link.clone(), self.gone.clone());
        let import = Rc::new(Import { number, references, link, gone });
        received.insert(number, Rc::downgrade(&import));
        import
    }

    /// Forgets an object of the other side's that nobody holds any more.
    pub fn forget(&self, number: u32) {
        let mut received = self.received.borrow_mut();
        if received.get(&number).is_some_and(|import| import.strong_count() == 0) {
            received.remove(&number);
        }
    }

    /// The handles of a message that is to be sent, each of its capabilities lent once more.
    ///
    /// # Errors
    /// `failed` where the message is larger than a border lets pass; as [`Table::lend_all`].
    pub fn lend_message(&self, message: &Message) -> capnp::Result<Vec<u32>> {
        message.check()?;
        let caps = message.caps();
        if caps.is_empty() { Ok(Vec::new()) } else { self.lend_all(caps) }
    }

    /// The handles of a message's capabilities, each of them lent once more.
    ///
    /// # Errors
    /// `overloaded` where too many objects are lent; nothing is lent then.
    pub fn lend_all(&self, caps: &Caps) -> capnp::Result<Vec<u32>> {
        let mut handles = Vec::with_capacity(caps.len());
        for cap in caps {
            let handle = match cap {
                None => Ok(NULL),
                Some(hook) => self.lend(hook.add_ref()),
            };
            match handle {
                Ok(handle) => handles.push(handle),
                Err(error) => {
                    self.take_back(&handles);
                    return Err(error);
                }
            }
        }
        Ok(handles)
    }

    /// The handle of one capability: the other side's own number where it is an object of the other side's, otherwise
    /// the number of an object that is lent to it once more.
    ///
    /// # Errors
    /// `overloaded` where too many objects are lent.
    pub fn lend(&self, hook: Box<dyn ClientHook>) -> capnp::Result<u32> {
        let (hook, target) = settle(hook);
        if let Some(import) = target.as_any().downcast_ref::<Import>()
            && import.link.ptr_eq(&self.link)
        {
            return Ok(import.number);
        }
        self.lent.borrow_mut().lend((hook, target)).map(|number| number | SENDERS)
    }

    /// Takes back what [`Table::lend_all`] has lent, for a message that was not sent.
    pub fn take_back(&self, handles: &[u32]) {
        for handle in handles.iter().filter(|handle| **handle != NULL && **handle & SENDERS != 0) {
            // What the other side never saw, it holds no reference to: this cannot fail.
            let _ = self.released(handle & !SENDERS, 1);
        }
    }

    /// The capabilities that a message's handles mean.
    ///
    /// # Errors
    /// `failed` for a number that was not lent; `overloaded` where too many objects were received.
    pub fn receive_all(&self, handles: impl IntoIterator<Item = u32>) -> capnp::Result<Caps> {
        let mut handles = handles.into_iter();
        let mut caps = Caps::new();
        while let Some(handle) = handles.next() {
            match self.receive_one(handle) {
                Ok(cap) => caps.push(cap),
                Err(error) => {
                    // All of them were lent for this message, and nobody will hold them.
                    std::iter::once(handle).chain(handles).for_each(|handle| self.decline(handle));
                    return Err(error);
                }
            }
        }
        Ok(caps)
    }

    /// Gives back what a handle of a message lends, where the message is not taken.
    fn decline(&self, handle: u32) {
        if handle != NULL
            && handle & SENDERS != 0
            && let Some(link) = self.link.upgrade()
        {
            link.release(handle & !SENDERS, 1);
        }
    }

    fn receive_one(&self, handle: u32) -> capnp::Result<Option<Box<dyn ClientHook>>> {
        if handle == NULL {
            return Ok(None);
        }
        if handle & SENDERS != 0 {
            let number = handle & !SENDERS;
            let received = self.received.borrow();
            if received.len() >= self.limit() && !received.contains_key(&number) {
                return Err(too_many(self.limit()));
            }
            drop(received);
            return Ok(Some(self.receive(number)));
        }
        self.with_object(handle, |object| Some(object.hook.add_ref()))
    }

    /// The other side gives back `count` references to an object of ours.
    ///
    /// # Errors
    /// `failed` where it did not hold that many.
    pub fn released(&self, number: u32, count: u32) -> capnp::Result<()> {
        // Dropped after the table is free again: an object's drop may come back to it.
        let _object = self.lent.borrow_mut().release(number, count)?;
        Ok(())
    }

    /// How many objects are lent, the root included.
    pub fn lent(&self) -> usize {
        self.lent.borrow().objects.len()
    }

    /// How many objects of the other side's are held.
    pub fn received(&self) -> usize {
        self.received.borrow().len()
    }

    /// Drops all that is lent: the other side is gone, and calls of what it had lent fail with `reason`, also when nothing
    /// of this border is left.
    pub fn close(&self, reason: &Error) {
        // The first reason is the one that counts.
        let _ = self.gone.set(reason.clone());
        let objects = std::mem::take(&mut self.lent.borrow_mut().objects);
        self.lent.borrow_mut().numbers.clear();
        drop(objects);
    }

    fn limit(&self) -> usize {
        self.lent.borrow().limit
    }
}

impl Lent {
    fn new(root: Box<dyn ClientHook>, limit: usize) -> Self {
        let mut objects = Slab::new();
        // The root is lent once and for all: nobody's release can match a reference that was never counted.
        let root = Object::new(settle(root), u64::MAX);
        let numbers = HashMap::from([(root.identity, ROOT)]);
        objects.insert(root);
        Self { objects, numbers, limit }
    }

    fn lend(&mut self, settled: Settled) -> capnp::Result<u32> {
        match self.numbers.entry(identity(&*settled.0)) {
            Entry::Occupied(known) => {
                if let Some(object) = self.objects.get_mut(*known.get() as usize) {
                    object.references = object.references.saturating_add(1);
                }
                Ok(*known.get())
            }
            Entry::Vacant(_) if self.objects.len() >= self.limit => Err(too_many(self.limit)),
            Entry::Vacant(unknown) => {
                // The limit is far below what 31 bits hold.
                let number = self.objects.insert(Object::new(settled, 1)) as u32;
                Ok(*unknown.insert(number))
            }
        }
    }

    /// Puts an object in the place of the promise that it has turned out to be. Returns what was there.
    fn replace(&mut self, number: u32, promise: &Rc<dyn Target>, object: Object) -> Option<Object> {
        let entry = self.objects.get_mut(number as usize).filter(|entry| Rc::ptr_eq(&entry.target, promise))?;
        let (identity, references) = (object.identity, entry.references);
        let old = std::mem::replace(entry, Object { references, ..object });
        // Nobody keeps the old one from now on, and something else may get its address.
        self.forget(number, old.identity);
        self.numbers.entry(identity).or_insert(number);
        Some(old)
    }

    fn forget(&mut self, number: u32, identity: Identity) {
        if let Entry::Occupied(known) = self.numbers.entry(identity)
            && *known.get() == number
        {
            known.remove();
        }
    }

    fn release(&mut self, number: u32, count: u32) -> capnp::Result<Option<Object>> {
        if number == ROOT {
            // It can be sent like any other object, but is never counted.
            return Ok(None);
        }
        let object = self.objects.get_mut(number as usize).ok_or_else(|| unknown(number))?;
        if object.references < u64::from(count) {
            return Err(Error::failed(format!("object {number} was released more often than it was lent")));
        }
        object.references -= u64::from(count);
        if object.references > 0 {
            return Ok(None);
        }
        let object = self.objects.remove(number as usize);
        self.forget(number, object.identity);
        Ok(Some(object))
    }

    fn set_root(&mut self, root: Box<dyn ClientHook>) -> Option<Object> {
        let root = Object::new(settle(root), u64::MAX);
        let identity = root.identity;
        let object = self.objects.get_mut(ROOT as usize)?;
        let old = std::mem::replace(object, root);
        self.forget(ROOT, old.identity);
        self.numbers.insert(identity, ROOT);
        Some(old)
    }
}

fn identity(hook: &dyn ClientHook) -> Identity {
    (hook.get_brand(), hook.get_ptr())
}

fn unknown(number: u32) -> Error {
    Error::failed(format!("there is no object {number}"))
}

fn too_many(limit: usize) -> Error {
    Error::overloaded(format!("too many capabilities cross this border, the limit is {limit}"))
}

/// An object of the other side's.
pub struct Import {
    number: u32,
    references: Cell<u32>,
    link: Weak<dyn Link>,
    gone: Rc<OnceCell<Error>>,
}

impl Target for Import {
    fn call(&self, call: Call) -> Answer {
        match self.link.upgrade() {
            Some(link) => link.call(self.number, call),
            None => Answer::Failed(self.gone.get().cloned().unwrap_or_else(|| Error::disconnected(GONE.into()))),
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Drop for Import {
    fn drop(&mut self) {
        if let Some(link) = self.link.upgrade() {
            link.release(self.number, self.references.get());
        }
    }
}
