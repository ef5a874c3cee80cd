//! The dials that callers of `connect` wait for.

use std::collections::HashMap;

use libp2p::swarm::ConnectionId;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::address::Target;
use super::error::ConnectError;
use super::peers::Peer;

/// One call of `connect`.
pub(super) struct Caller {
    pub(super) reply: oneshot::Sender<Result<Peer, ConnectError>>,
    /// Held until the dial has ended, also where the caller has gone: otherwise calling and leaving in a loop would
    /// start dials without a bound.
    pub(super) permit: OwnedSemaphorePermit,
}

impl Caller {
    pub(super) fn answer(self, result: Result<Peer, ConnectError>) {
        // A caller that does not wait any more is no error. Its permit goes first, so that one who does may call again.
        drop(self.permit);
        let _ = self.reply.send(result);
    }
}

/// A dial under way, with everybody who waits for it.
struct Dial {
    target: Target,
    callers: Vec<Caller>,
}

/// All dials for callers. Every one ends within the handshake's time, so no entry stays.
#[derive(Default)]
pub(super) struct Dials {
    by_id: HashMap<ConnectionId, Dial>,
}

impl Dials {
    /// Lets a caller wait for the dial to `target` that is under way; gives it back where there is none.
    pub(super) fn join(&mut self, target: &Target, caller: Caller) -> Option<Caller> {
        match self.by_id.values_mut().find(|dial| dial.target == *target) {
            Some(dial) => {
                dial.callers.push(caller);
                None
            }
            None => Some(caller),
        }
    }

    pub(super) fn started(&mut self, id: ConnectionId, target: Target, caller: Caller) {
        self.by_id.insert(id, Dial { target, callers: vec![caller] });
    }

    /// Takes a dial that has ended out: its target and who waits for it.
    pub(super) fn ended(&mut self, id: ConnectionId) -> Option<(Target, Vec<Caller>)> {
        self.by_id.remove(&id).map(|dial| (dial.target, dial.callers))
    }
}
