//! A party in a guest, which does what it is told.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use capnp::Error;
use capnp::capability::Client;
use ww_call::{Answer, Call, Message, Proxy, Target};
use ww_capnp::stem_capnp::membrane;

use crate::local::Local;
use crate::order::{ORDERS, Order, Report, read_numbers};
use crate::player::{Ask, Outcome, Player};

/// A party that is told what to do: each [`Order`] is a method.
pub struct Obedient(RefCell<Local>);

impl Obedient {
    /// What gives the orders, of a party in a guest that starts with `membrane`.
    ///
    /// A promise that a guest hands out stays an object of the guest's for all others, whatever becomes of it: they call it
    /// by way of the guest. So the party promises nothing.
    pub fn client(membrane: membrane::Client) -> Client {
        Client { hook: Proxy::hook(Rc::new(Self(RefCell::new(Local::new(Some(membrane), false))))) }
    }

    fn obey(&self, call: &Call) -> capnp::Result<Message> {
        let order = Order::ALL.get(usize::from(call.method)).filter(|_| call.interface == ORDERS);
        let order = order.ok_or_else(|| Error::unimplemented("no such order".into()))?;
        let numbers = read_numbers(call.params.root()?)?;
        let report = obey(&mut self.0.borrow_mut(), *order, &numbers)?;
        let mut message = Message::new();
        report.write(message.builder()?)?;
        Ok(message)
    }
}

impl Target for Obedient {
    fn call(&self, call: Call) -> Answer {
        self.obey(&call).into()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn obey(player: &mut Local, order: Order, numbers: &[u64]) -> capnp::Result<Report> {
    let first = numbers.first().map_or(0, |number| *number as usize);
    Ok(Report::Numbers(match (order, numbers) {
        (Order::State, _) => {
            player.look_after_all();
            player.state().numbers()
        }
        (Order::Poll, _) => vec![Outcome::number(player.poll(first).as_ref())],
        (Order::Look, _) => return Ok(Report::Reference(player.look(first))),
        (Order::Restrict, [_, place, interface, calls, methods @ ..]) => {
            let methods: Vec<_> = methods.iter().map(|method| *method as u16).collect();
            vec![player.restrict(first, *place as usize, *interface, &methods, *calls).into()]
        }
        _ => {
            obey_silently(player, order, numbers)?;
            Vec::new()
        }
    }))
}

/// The orders of which there is nothing to say.
fn obey_silently(player: &mut Local, order: Order, numbers: &[u64]) -> capnp::Result<()> {
    let unclear = || Error::failed("an order without its numbers".into());
    let first = numbers.first().map_or(0, |number| *number as usize);
    match order {
        Order::Graft => player.graft().map_err(Error::failed)?,
        Order::Make => player.make(first),
        Order::DropReference => player.drop_reference(first),
        Order::Settle => player.settle(first),
        Order::Call => player.call(&Ask::of(numbers).ok_or_else(unclear)?),
        Order::TakePipelined => player.take_pipelined(),
        Order::Forget => player.forget(first),
        Order::Answer => player.answer(first, numbers.get(1).map(|place| *place as usize)),
        Order::Revoke => player.revoke(first),
        _ => return Err(unclear()),
    }
    Ok(())
}
