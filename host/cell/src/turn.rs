//! Whose turn it is to compute.
//!
//! A cell that has used its tick goes behind all that wait for I/O, and behind the others that compute: of those, one
//! goes on at a time, and only after the thread has looked at its timers and sockets. So whoever waits for something is
//! late by one tick at most, however many cells compute. Those that have not used a tick yet are for [`look`](crate::look).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

thread_local! {
    /// The lane of the cells of this thread that compute. It has room for one, and lets them in as they come.
    static LANE: Arc<Semaphore> = Arc::new(Semaphore::new(1));
}

/// One cell's place in the lane of its thread.
#[derive(Clone)]
pub(crate) struct Turn(Arc<Place>);

struct Place {
    lane: Arc<Semaphore>,
    /// Its turn, while it is in the lane.
    permit: Mutex<Option<OwnedSemaphorePermit>>,
    /// It waits for its turn.
    waiting: AtomicBool,
}

impl Turn {
    /// A cell of this thread, which has not computed yet.
    pub(crate) fn new() -> Self {
        let (permit, waiting) = Default::default();
        Self(Arc::new(Place { lane: LANE.with(Arc::clone), permit, waiting }))
    }

    /// The cell has used its tick: ends when it is its turn again.
    pub(crate) async fn next(self) {
        let place = &*self.0;
        place.waiting.store(true, Ordering::Relaxed);
        drop(place.permit().take());
        let permit = place.lane.clone().acquire_owned().await;
        // A plain wake-up would come before the thread looks at its timers and sockets. This one comes after that.
        tokio::task::yield_now().await;
        // The lane is never closed.
        *place.permit() = permit.ok();
        place.waiting.store(false, Ordering::Relaxed);
    }

    /// The cell stands still. Unless it waits for its turn, it waits for something else, and is in nobody's way: whether
    /// it does.
    pub(crate) fn pause(&self) -> bool {
        let pauses = !self.0.waiting.load(Ordering::Relaxed);
        if pauses {
            drop(self.0.permit().take());
        }
        pauses
    }
}

impl Place {
    fn permit(&self) -> MutexGuard<'_, Option<OwnedSemaphorePermit>> {
        self.permit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use tokio::task::LocalSet;

    use super::*;

    /// In what order five that compute have their turns, three each, and one that waits for the thread to look round.
    async fn order() -> String {
        let order = Rc::new(RefCell::new(String::new()));
        let local = LocalSet::new();
        for name in 'a'..='e' {
            let order = order.clone();
            local.spawn_local(async move {
                let turn = Turn::new();
                for _ in 0..3 {
                    order.borrow_mut().push(name);
                    turn.clone().next().await;
                }
                turn.pause();
            });
        }
        let waiter = order.clone();
        local.spawn_local(async move {
            for _ in 0..5 {
                tokio::task::yield_now().await;
                waiter.borrow_mut().push('-');
            }
        });
        local.await;
        order.take()
    }

    #[tokio::test]
    async fn those_that_compute_take_turns() {
        let order = order().await;
        let computed: String = order.chars().filter(|name| *name != '-').collect();
        assert_eq!(computed, "abcdeabcdeabcde");
    }

    #[tokio::test]
    async fn nobody_waits_for_all_of_those_that_compute() {
        let order = order().await;
        // In the first round nobody had used a tick yet; after the last wait nobody waits.
        let turns: Vec<_> = order.split('-').map(str::len).collect();
        let [_first, meanwhile @ .., _last] = &turns[..] else { panic!("{order}") };
        assert!(!meanwhile.is_empty() && meanwhile.iter().all(|turns| *turns <= 2), "{order}");
    }

    #[tokio::test]
    async fn who_waits_for_something_else_is_in_nobodys_way() {
        let (one, other) = (Turn::new(), Turn::new());
        one.clone().next().await;
        one.pause();
        other.clone().next().await;
        assert_eq!(other.0.lane.available_permits(), 0);
        drop((one, other));
        assert_eq!(LANE.with(|lane| lane.available_permits()), 1);
    }
}
