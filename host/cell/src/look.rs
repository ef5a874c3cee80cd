//! How often a thread looks at its timers and sockets.
//!
//! It does so between rounds, and in a round it polls all that is awake. Cells that have just started or were just woken
//! may be many, and each of them may compute for a tick. So once one has, the others wait for the next round.

use std::cell::Cell;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// Ticks of the engines of this process, since it was started.
static TICKS: AtomicU64 = AtomicU64::new(0);

/// A tick has passed.
pub(crate) fn tick() {
    TICKS.fetch_add(1, Ordering::Relaxed);
}

thread_local! {
    static LOOK: Arc<Look> = Arc::default();
    /// The tick in which the cell that goes on now was polled.
    static BEGAN: Cell<u64> = const { Cell::new(0) };
}

/// Whether a thread is to look round before another cell goes on.
#[derive(Default)]
struct Look {
    due: AtomicBool,
    /// Cells that wait for it, in the order in which they came.
    waiting: Mutex<Vec<Waker>>,
}

/// Polls a cell of this thread, where it may go on in this round; otherwise it is woken in the next one.
pub(crate) fn in_round<T>(context: &mut Context<'_>, poll: impl FnOnce(&mut Context<'_>) -> T) -> Poll<T> {
    LOOK.with(|look| {
        if look.waits(context.waker()) {
            return Poll::Pending;
        }
        BEGAN.set(TICKS.load(Ordering::Relaxed));
        let polled = poll(context);
        if has_computed() {
            look.ask();
        }
        Poll::Ready(polled)
    })
}

/// Whether the cell that goes on now has computed for a tick, or for the rest of one. It has not where it was only waiting
/// when that passed.
pub(crate) fn has_computed() -> bool {
    TICKS.load(Ordering::Relaxed) != BEGAN.get()
}

impl Look {
    fn waits(&self, waker: &Waker) -> bool {
        // All on one thread, so relaxed is enough; atomic because a waker must be `Send`.
        let due = self.due.load(Ordering::Relaxed);
        if due {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if !waiting.iter().any(|known| known.will_wake(waker)) {
                waiting.push(waker.clone());
            }
        }
        due
    }

    fn ask(self: &Arc<Self>) {
        if !self.due.swap(true, Ordering::Relaxed) {
            // The runtime wakes who yields when it has looked round, and after those whose time has come.
            let asked = Waker::from(Arc::new(Asked(self.clone())));
            let _ = pin!(tokio::task::yield_now()).poll(&mut Context::from_waker(&asked));
        }
    }
}

/// Is woken when the thread has looked round, or dropped when it never will.
struct Asked(Arc<Look>);

impl Wake for Asked {
    /// Whoever wakes it lets go of it.
    fn wake(self: Arc<Self>) {}
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.0.due.store(false, Ordering::Relaxed);
        let waiting = std::mem::take(&mut *self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        waiting.into_iter().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use tokio::task::LocalSet;

    use super::*;

    /// Polls a cell that computes for a tick.
    async fn compute(name: char, order: &RefCell<String>) {
        std::future::poll_fn(|context| {
            in_round(context, |_| {
                order.borrow_mut().push(name);
                tick();
            })
        })
        .await;
    }

    #[tokio::test]
    async fn of_all_that_start_at_once_one_computes_a_round() {
        let order = Rc::new(RefCell::new(String::new()));
        let local = LocalSet::new();
        for name in 'a'..='e' {
            let order = order.clone();
            local.spawn_local(async move { compute(name, &order).await });
        }
        let waiter = order.clone();
        local.spawn_local(async move {
            for _ in 0..6 {
                tokio::task::yield_now().await;
                waiter.borrow_mut().push('-');
            }
        });
        local.await;
        let order = order.take();
        assert_eq!(order.replace('-', ""), "abcde", "in the order in which they came");
        // Its turn is at the start of one round and at the end of the next one.
        assert!(order.split('-').all(|rounds| rounds.len() <= 2), "{order}");
    }

    #[test]
    fn who_was_only_waiting_has_not_computed() {
        let computed = |ticks: u32| {
            std::thread::spawn(move || {
                tick();
                let polled = in_round(&mut Context::from_waker(Waker::noop()), |_| {
                    (0..ticks).for_each(|_| tick());
                    has_computed()
                });
                polled == Poll::Ready(true)
            })
            .join()
            .unwrap()
        };
        assert!(computed(1));
        // Engines of other tests tick as well, but not all the time.
        assert!((0..100).any(|_| !computed(0)));
    }

    #[test]
    fn a_runtime_that_ends_leaves_nobody_waiting() {
        let round = || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async { compute('a', &RefCell::default()).await });
        };
        round();
        round();
        assert!(!LOOK.with(|look| look.due.load(Ordering::Relaxed)));
    }
}
