//! The table of objects at its edges: the root, the limit, releases that cross, promises that are kept.

use std::any::Any;
use std::cell::RefCell;
use std::rc::{Rc, Weak};

use capnp::ErrorKind;
use capnp::private::capability::ClientHook;
use futures::channel::oneshot;
use futures::executor::block_on;
use ww_call::table::{Link, NULL, ROOT, SENDERS, Table};
use ww_call::{Answer, Call, Deferred, Message, Proxy, Target, target_of};

struct Object;

impl Target for Object {
    fn call(&self, _call: Call) -> Answer {
        Answer::Done(Message::new())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn object() -> Box<dyn ClientHook> {
    Proxy::hook(Rc::new(Object))
}

/// One side of a border. What it gives back is written down.
struct Side {
    table: Table,
    released: RefCell<Vec<(u32, u32)>>,
}

impl Side {
    fn new(limit: usize) -> Rc<Self> {
        Rc::new_cyclic(|me: &Weak<Self>| Self {
            table: Table::new(object(), me.clone(), limit),
            released: RefCell::default(),
        })
    }
}

impl Link for Side {
    fn call(&self, _number: u32, _call: Call) -> Answer {
        Answer::Done(Message::new())
    }

    fn release(&self, number: u32, count: u32) {
        self.table.forget(number);
        self.released.borrow_mut().push((number, count));
    }
}

#[test]
fn the_root_can_be_sent_like_any_other_object_and_given_back() {
    let side = Side::new(8);
    let root = object();
    side.table.set_root(root.add_ref());
    let handles = side.table.lend_all(&vec![Some(root)]).unwrap();
    assert_eq!(handles, [ROOT | SENDERS]);
    assert!(side.table.released(ROOT, 1).is_ok());
    assert!(side.table.object(ROOT).is_ok());
}

#[test]
fn a_message_that_is_not_taken_gives_back_what_it_lends() {
    let side = Side::new(2);
    let held = side.table.receive_all([1 | SENDERS, 2 | SENDERS]).unwrap();
    let error = side.table.receive_all([NULL, 1 | SENDERS, 3 | SENDERS, 4 | SENDERS]).err().unwrap();
    assert_eq!(error.kind, ErrorKind::Overloaded);
    // The message's reference to 1 is given back with the others, or by whoever holds 1 already.
    drop(held);
    let mut released = side.released.take();
    released.sort_unstable();
    assert_eq!(released, [(1, 2), (2, 1), (3, 1), (4, 1)]);
    assert_eq!(side.table.received(), 0);
}

#[test]
fn a_full_table_takes_what_it_knows_already() {
    let side = Side::new(1);
    let first = side.table.receive_all([1 | SENDERS]).unwrap();
    assert!(side.table.receive_all([2 | SENDERS]).is_err());
    assert!(side.table.receive_all([1 | SENDERS]).is_ok());
    drop(first);
    assert!(side.table.receive_all([2 | SENDERS]).is_ok());
}

#[test]
fn a_number_is_free_when_all_that_were_lent_have_come_back() {
    let side = Side::new(8);
    let caps = vec![Some(object())];
    let first = side.table.lend_all(&caps).unwrap();
    assert_eq!(side.table.lend_all(&caps).unwrap(), first);
    let number = first[0] & !SENDERS;
    assert!(side.table.released(number, 3).is_err());
    side.table.released(number, 1).unwrap();
    assert!(side.table.object(number).is_ok());
    side.table.released(number, 1).unwrap();
    assert!(side.table.object(number).is_err());
    assert_eq!(side.table.lent(), 1);
}

#[test]
fn a_new_root_that_was_lent_before_stays_one_object() {
    let side = Side::new(8);
    let cap = object();
    let handles = side.table.lend_all(&vec![Some(cap.add_ref())]).unwrap();
    side.table.set_root(cap.add_ref());
    side.table.released(handles[0] & !SENDERS, 1).unwrap();
    assert_eq!(side.table.lend_all(&vec![Some(cap)]).unwrap(), [ROOT | SENDERS]);
}

/// The number of a promise that is lent, and what keeps it.
fn lent_promise(side: &Side) -> (u32, impl FnOnce(Box<dyn ClientHook>)) {
    let (sender, kept) = oneshot::channel();
    let promise = Deferred::client_of(async move { kept.await.map_err(|_| capnp::Error::failed("not kept".into())) });
    let number = side.table.lend(promise.add_ref()).expect("room for it") & !SENDERS;
    let keep = move |hook| {
        assert!(sender.send(hook).is_ok());
        let resolution = promise.when_more_resolved().expect("a promise");
        block_on(resolution).expect("it was kept");
    };
    (number, keep)
}

#[test]
fn a_promise_that_was_lent_is_what_it_has_turned_out_to_be() {
    let side = Side::new(8);
    let (number, keep) = lent_promise(&side);
    assert!(side.table.object(number).unwrap().awaits().is_some());
    let kept_with = object();
    keep(kept_with.add_ref());
    let known = target_of(&*kept_with).unwrap();
    assert!(Rc::ptr_eq(&side.table.object(number).unwrap(), &known));
    // It is one object from now on, under one number, and all references to it are counted together.
    assert_eq!(side.table.lend(kept_with).unwrap(), number | SENDERS);
    side.table.released(number, 2).unwrap();
    assert_eq!((side.table.lent(), Rc::strong_count(&known)), (1, 1));
}

#[test]
fn a_promise_that_was_lent_can_turn_out_to_be_the_other_sides_own() {
    let side = Side::new(8);
    let (number, keep) = lent_promise(&side);
    let theirs = side.table.receive(5);
    keep(theirs.add_ref());
    let back = side.table.receive_all([number]).unwrap();
    assert_eq!(back[0].as_ref().unwrap().get_ptr(), theirs.get_ptr());
    drop((back, theirs));
    side.table.released(number, 1).unwrap();
    assert_eq!(side.released.take(), [(5, 1)]);
}
