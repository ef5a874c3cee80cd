//! Timers.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

thread_local! {
    static TIMERS: RefCell<Timers> = RefCell::default();
}

#[derive(Default)]
struct Timers {
    /// Those that run, the next one first. The number tells timers of one instant apart.
    running: BTreeMap<(Instant, u64), Waker>,
    next: u64,
}

/// Waits for `duration`. Other tasks, and calls on what this guest has handed out, go on meanwhile.
pub async fn sleep(duration: Duration) {
    // What does not fit the clock is longer than anybody waits.
    match Instant::now().checked_add(duration) {
        Some(deadline) => Sleep { deadline, number: None }.await,
        None => std::future::pending().await,
    }
}

/// The time was over first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Elapsed;

impl fmt::Display for Elapsed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the time is over")
    }
}

impl std::error::Error for Elapsed {}

/// Waits for `future`, but at most for `duration`. The future is dropped then, which cancels a call.
///
/// # Errors
/// [`Elapsed`] where the time was over first.
pub async fn timeout<T>(duration: Duration, future: impl Future<Output = T>) -> Result<T, Elapsed> {
    let future = std::pin::pin!(future);
    let timer = std::pin::pin!(sleep(duration));
    match futures::future::select(future, timer).await {
        futures::future::Either::Left((value, _)) => Ok(value),
        futures::future::Either::Right(_) => Err(Elapsed),
    }
}

struct Sleep {
    deadline: Instant,
    number: Option<u64>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if Instant::now() >= self.deadline {
            return Poll::Ready(());
        }
        let deadline = self.deadline;
        let number = self.number;
        self.number = Some(TIMERS.with_borrow_mut(|timers| {
            let number = number.unwrap_or_else(|| {
                timers.next += 1;
                timers.next
            });
            timers.running.insert((deadline, number), context.waker().clone());
            number
        }));
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            TIMERS.with_borrow_mut(|timers| timers.running.remove(&(self.deadline, number)));
        }
    }
}

/// How long the guest may wait before a timer has to fire; the largest number where there is none.
pub(crate) fn nanoseconds_to_next() -> u64 {
    TIMERS.with_borrow(|timers| match timers.running.first_key_value() {
        None => u64::MAX,
        Some(((deadline, _), _)) => {
            let left = deadline.saturating_duration_since(Instant::now()).as_nanos();
            // The largest number means without end; zero would not wait for the others.
            u64::try_from(left).unwrap_or(u64::MAX - 1)
        }
    })
}

/// Wakes the tasks whose time has come.
pub(crate) fn fire() {
    let now = Instant::now();
    loop {
        let due = TIMERS.with_borrow_mut(|timers| match timers.running.first_entry() {
            Some(entry) if entry.key().0 <= now => Some(entry.remove()),
            _ => None,
        });
        match due {
            Some(waker) => waker.wake(),
            None => return,
        }
    }
}
