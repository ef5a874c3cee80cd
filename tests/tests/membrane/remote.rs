//! A party in a cell, which is told what to do.

use std::rc::Rc;

use capnp::any_pointer;
use capnp::capability::{Client, Response};
use capnp::private::capability::ClientHook;
use ww_call::foreign::settle;
use ww_player::{Ask, ORDERS, Order, Outcome, Player, State, now, read_numbers, write_numbers};

use crate::cells::{Cells, Guest};

/// A party in a cell of its own.
pub(crate) struct Remote {
    pub guest: Guest,
    cells: Rc<Cells>,
    /// What could be seen of it after so many turns of the guest's.
    known: Option<(u64, State)>,
}

impl Remote {
    /// A party that grafts onto `membrane`, if it grafts at all.
    pub(crate) fn start(cells: Rc<Cells>, membrane: Box<dyn ClientHook>) -> Self {
        Self { guest: cells.start(membrane), cells, known: None }
    }

    fn order(&self, order: Order, numbers: &[u64]) -> capnp::Result<Response<any_pointer::Owned>> {
        let mut request = self.guest.bootstrap.new_call(ORDERS, order as u16, None);
        write_numbers(request.hook.get(), numbers)?;
        let mut promise = request.hook.send().promise;
        self.cells.settle();
        now(&mut promise).unwrap_or_else(|| panic!("a guest does not say what has become of {order:?}"))
    }

    /// The numbers that the guest says.
    fn ask(&self, order: Order, numbers: &[u64]) -> Vec<u64> {
        let said = self.order(order, numbers).and_then(|response| read_numbers(response.get()?));
        said.unwrap_or_else(|error| panic!("{error}, of {order:?} with {numbers:?}; {}", self.guest.story()))
    }

    fn tell(&self, order: Order, numbers: &[usize]) -> u64 {
        let numbers: Vec<_> = numbers.iter().map(|number| *number as u64).collect();
        self.ask(order, &numbers).first().copied().unwrap_or_default()
    }
}

impl Player for Remote {
    fn promises(&self) -> bool {
        false
    }

    /// Nothing has changed while the guest has done nothing.
    fn state(&mut self) -> State {
        if let Some((turns, state)) = &self.known
            && *turns == self.guest.turns.get()
        {
            return state.clone();
        }
        let state = State::of(&self.ask(Order::State, &[])).expect("a state");
        self.known = Some((self.guest.turns.get(), state.clone()));
        state
    }

    fn graft(&mut self) -> Result<(), String> {
        self.order(Order::Graft, &[]).map(drop).map_err(|error| error.to_string())
    }

    fn make(&mut self, object: usize) {
        self.tell(Order::Make, &[object]);
    }

    fn promise(&mut self) {
        unreachable!("nobody would see what becomes of it");
    }

    fn keep(&mut self, _promise: usize, _place: usize) {
        unreachable!("nothing was promised");
    }

    fn drop_reference(&mut self, place: usize) {
        self.tell(Order::DropReference, &[place]);
    }

    fn settle(&mut self, place: usize) {
        self.tell(Order::Settle, &[place]);
    }

    fn call(&mut self, ask: &Ask) {
        self.ask(Order::Call, &ask.numbers());
    }

    fn take_pipelined(&mut self) {
        self.tell(Order::TakePipelined, &[]);
    }

    /// The host looks after all that a guest calls.
    fn look_after(&mut self, _token: usize) {}

    fn poll(&mut self, token: usize) -> Option<Outcome> {
        let ended = self.state().ended.contains(&token);
        if ended { Outcome::of(self.tell(Order::Poll, &[token])) } else { None }
    }

    fn forget(&mut self, token: usize) {
        self.tell(Order::Forget, &[token]);
    }

    fn answer(&mut self, token: usize, place: Option<usize>) {
        let numbers: Vec<_> = std::iter::once(token).chain(place).collect();
        self.tell(Order::Answer, &numbers);
    }

    fn restrict(&mut self, restriction: usize, place: usize, interface: u64, methods: &[u16], calls: u64) -> bool {
        let first = [restriction as u64, place as u64, interface, calls];
        let numbers: Vec<_> = first.into_iter().chain(methods.iter().map(|method| (*method).into())).collect();
        self.ask(Order::Restrict, &numbers) == [1]
    }

    fn revoke(&mut self, restriction: usize) {
        self.tell(Order::Revoke, &[restriction]);
    }

    fn look(&mut self, place: usize) -> Box<dyn ClientHook> {
        let said = self.order(Order::Look, &[place as u64]);
        let said = said.and_then(|response| response.get()?.get_as_capability::<Client>());
        settle(said.expect("the guest shows what it has").hook).0
    }
}
