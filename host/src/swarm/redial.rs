//! Configured peers: dialled at the start, and again, with growing pauses, whenever they are not connected.

use std::time::Duration;

use libp2p::PeerId;
use libp2p::swarm::ConnectionId;
use tokio::time::Instant;

use super::address::Target;
use super::limits::{MAX_REDIALS, RETRY_MAX};

/// Every configured peer and when to dial it next. Knows no swarm, so that time can be made up in tests.
pub(super) struct Redial {
    entries: Vec<Entry>,
    min: Duration,
}

struct Entry {
    target: Target,
    state: State,
    /// The pause before the next dial.
    delay: Duration,
}

#[derive(Clone, Copy)]
enum State {
    Waiting { until: Instant },
    Dialling(ConnectionId),
    Connected { peer: PeerId, since: Instant },
}

impl Redial {
    pub(super) fn new(targets: Vec<Target>, min: Duration, now: Instant) -> Self {
        let entry = |target| Entry { target, state: State::Waiting { until: now }, delay: min };
        Self { entries: targets.into_iter().map(entry).collect(), min }
    }

    /// When the next dial is due; `None` while nothing waits, or as many as allowed are under way.
    pub(super) fn next_due(&self) -> Option<Instant> {
        let dialling = self.entries.iter().filter(|entry| matches!(entry.state, State::Dialling(_))).count();
        if dialling >= MAX_REDIALS {
            return None;
        }
        self.waiting().map(|(_, until)| until).min()
    }

    /// The peer that is to be dialled now. One of the `dialling`, `connected` or `failed` has to follow.
    pub(super) fn due(&self, now: Instant) -> Option<(usize, Target)> {
        self.next_due().filter(|due| *due <= now)?;
        let (index, _) = self.waiting().min_by_key(|(_, until)| *until)?;
        Some((index, self.entries[index].target))
    }

    pub(super) fn dialling(&mut self, index: usize, id: ConnectionId) {
        self.entries[index].state = State::Dialling(id);
    }

    pub(super) fn connected(&mut self, index: usize, peer: PeerId, now: Instant) {
        self.entries[index].state = State::Connected { peer, since: now };
    }

    /// The pause until the next dial.
    pub(super) fn failed(&mut self, index: usize, now: Instant) -> Duration {
        let entry = &mut self.entries[index];
        let pause = entry.delay;
        entry.state = State::Waiting { until: now + pause };
        entry.delay = (pause * 2).min(RETRY_MAX);
        pause
    }

    /// Which entry a dial was for.
    pub(super) fn index_of(&self, id: ConnectionId) -> Option<usize> {
        self.entries.iter().position(|entry| matches!(entry.state, State::Dialling(dial) if dial == id))
    }

    pub(super) fn target(&self, index: usize) -> Target {
        self.entries[index].target
    }

    /// A peer's last connection has closed. A peer that stayed only briefly is dialled more and more slowly, like one
    /// that does not answer: it may be refusing us.
    pub(super) fn gone(&mut self, gone: PeerId, now: Instant) {
        for index in 0..self.entries.len() {
            match self.entries[index].state {
                State::Connected { peer, since } if peer == gone => {
                    if now.duration_since(since) >= RETRY_MAX {
                        self.entries[index].delay = self.min;
                    }
                    self.failed(index, now);
                }
                _ => {}
            }
        }
    }

    fn waiting(&self) -> impl Iterator<Item = (usize, Instant)> + '_ {
        self.entries.iter().enumerate().filter_map(|(index, entry)| match entry.state {
            State::Waiting { until } => Some((index, until)),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(port: usize) -> Target {
        Target::of(&format!("/ip4/127.0.0.1/tcp/{port}").parse().unwrap()).unwrap()
    }

    const MIN: Duration = Duration::from_secs(1);

    #[test]
    fn the_pause_doubles_up_to_the_maximum_and_health_clears_it() {
        let start = Instant::now();
        let mut redial = Redial::new(vec![target(1)], MIN, start);
        assert_eq!(redial.due(start).map(|(index, _)| index), Some(0));
        let pauses: Vec<_> = (0..8).map(|_| redial.failed(0, start).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert!(redial.due(start).is_none());
        assert_eq!(redial.next_due(), Some(start + RETRY_MAX));

        let peer = PeerId::random();
        redial.connected(0, peer, start);
        assert_eq!(redial.next_due(), None);
        redial.gone(PeerId::random(), start);
        assert_eq!(redial.next_due(), None);
        redial.gone(peer, start + RETRY_MAX);
        assert_eq!(redial.next_due(), Some(start + RETRY_MAX + MIN));
    }

    #[test]
    fn a_peer_that_leaves_at_once_is_not_dialled_in_a_loop() {
        let now = Instant::now();
        let mut redial = Redial::new(vec![target(1)], MIN, now);
        let peer = PeerId::random();
        for pause in [1, 2, 4] {
            redial.connected(0, peer, now);
            redial.gone(peer, now);
            assert_eq!(redial.next_due(), Some(now + Duration::from_secs(pause)));
        }
    }

    #[test]
    fn only_so_many_are_dialled_at_once() {
        let now = Instant::now();
        let mut redial = Redial::new((1..=MAX_REDIALS + 2).map(target).collect(), MIN, now);
        for number in 0..MAX_REDIALS {
            let (index, _) = redial.due(now).unwrap();
            redial.dialling(index, ConnectionId::new_unchecked(number));
        }
        assert!(redial.due(now).is_none());
        let first = redial.index_of(ConnectionId::new_unchecked(0)).unwrap();
        redial.failed(first, now);
        assert!(redial.due(now).is_some());
    }
}
