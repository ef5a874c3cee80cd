//! The parties of a graph, in this process or in cells.

use std::rc::Rc;

use capnp::Error;
use capnp::capability::{Client, FromClientHook};
use capnp::private::capability::ClientHook;
use membrane::{Authority, Grants, Membrane, Registry, Worker};
use ww_call::broken_client;
use ww_capnp::stem_capnp::membrane as membrane_capnp;
use ww_cell::Closer;
use ww_player::{Local, Player};

use crate::cells::Cells;
use crate::remote::Remote;

/// How many providers a graph has, and how many callers.
const PROVIDERS: usize = 2;
const CALLERS: usize = 2;

/// The providers come first; the object that a provider made first is what it supplies to callers.
pub(crate) struct Parties {
    pub authority: Authority,
    pub worker: Rc<Worker>,
    pub providers: usize,
    pub players: Vec<Box<dyn Player>>,
    /// The connections of those that are in cells.
    pub connections: Vec<Option<Closer>>,
    cells: Rc<Cells>,
}

/// Which of the parties are in cells, as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Places(u64);

impl Places {
    /// All in this process.
    pub(crate) const LOCAL: Self = Self(0);

    /// At least one in a cell, and all of them in one of so many graphs.
    pub(crate) fn draw(seed: u64) -> Self {
        let all = (1 << (PROVIDERS + CALLERS)) - 1;
        Self(1 + seed % all)
    }

    fn in_cell(self, party: usize) -> bool {
        self.0 & 1 << party != 0
    }
}

impl Parties {
    pub(crate) fn new(places: Places) -> Self {
        let authority = Authority::new(0);
        let worker = Worker::new(&authority);
        let (players, connections, cells) = (Vec::new(), Vec::new(), Cells::new());
        let mut parties = Self { authority, worker, providers: PROVIDERS, players, connections, cells };
        let mut registry = Registry::new();
        for provider in 0..PROVIDERS {
            parties.add(places.in_cell(provider), None);
            parties.players[provider].make(provider);
            let hook = parties.players[provider].look(0);
            let name = format!("provider-{provider}").parse().expect("a name");
            registry.register(name, Client { hook }).expect("each name once");
        }
        let registry = Rc::new(registry);
        for caller in PROVIDERS..PROVIDERS + CALLERS {
            let name = format!("caller-{caller}");
            let membrane = Membrane::client(registry.clone(), Grants::all(), parties.worker.clone(), name);
            parties.add(places.in_cell(caller), Some(membrane));
        }
        parties
    }

    fn add(&mut self, in_cell: bool, membrane: Option<membrane_capnp::Client>) {
        if !in_cell {
            self.players.push(Box::new(Local::new(membrane, true)));
            return self.connections.push(None);
        }
        let nothing = || broken_client(Error::unimplemented("nothing is granted here".into()));
        let membrane: Box<dyn ClientHook> = membrane.map_or_else(nothing, FromClientHook::into_client_hook);
        let player = Remote::start(self.cells.clone(), membrane);
        self.connections.push(Some(player.guest.closer.clone()));
        self.players.push(Box::new(player));
    }

    /// Whether there are calls that go on without anybody who looks after them.
    pub(crate) fn are_prompt(&self) -> bool {
        self.connections.iter().any(Option::is_some)
    }

    /// Lets those that are in cells go on until nothing moves.
    pub(crate) fn settle(&self) {
        if self.are_prompt() {
            self.cells.settle();
        }
    }
}
