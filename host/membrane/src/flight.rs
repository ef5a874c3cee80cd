//! What is under way, and ends when its authority does.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

use capnp::Error;

use crate::life::Concern;
use crate::mortals::{Mortal, Mortals, drop_foreign};
use crate::policy::Policy;
use crate::rules::{Rule, kept};

/// The futures of one thread that end with somebody's authority.
#[derive(Default)]
pub(crate) struct Flights {
    count: Rc<Cell<usize>>,
}

impl Flights {
    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.count.get()
    }

    /// Runs `work` as long as `policy` lasts: then it is dropped, at once and whether somebody polls it or not, and fails.
    pub(crate) fn start<F: Future + Unpin + 'static>(
        &self,
        work: F,
        policy: Policy,
        epochs: &Rc<Mortals>,
    ) -> InFlight<F> {
        let flight = Rc::new(Flight {
            stage: RefCell::new(Stage::Waiting(work)),
            waker: RefCell::default(),
            policy,
            concern: RefCell::default(),
        });
        if flight.policy.life().is_mortal() {
            let weak: Weak<dyn Mortal> = Rc::<Flight<F>>::downgrade(&flight);
            let concern = flight.policy.life().concern(epochs, &weak);
            self.count.set(self.count.get() + 1);
            flight.concern.replace(Some(Airborne { _concern: concern, count: self.count.clone() }));
        }
        InFlight(flight)
    }
}

struct Flight<F> {
    stage: RefCell<Stage<F>>,
    /// Whoever waits for it.
    waker: RefCell<Option<Waker>>,
    policy: Policy,
    /// Until it ends.
    concern: RefCell<Option<Airborne>>,
}

/// One that counts.
struct Airborne {
    _concern: Concern,
    count: Rc<Cell<usize>>,
}

impl Drop for Airborne {
    fn drop(&mut self) {
        self.count.set(self.count.get() - 1);
    }
}

enum Stage<F> {
    Waiting(F),
    /// Somebody is polling it.
    Polling,
    Over,
}

impl<F> Flight<F> {
    fn lasts(&self) -> Result<(), Error> {
        if kept(Rule::FlightsEndWithEpoch) {
            self.policy.life().in_epoch()?;
        }
        if kept(Rule::FlightsEndWithRevocation) {
            self.policy.life().unrevoked()?;
        }
        Ok(())
    }

    fn end(&self) {
        drop(self.concern.take());
        let stage = self.stage.replace(Stage::Over);
        // Out of the cell first: dropping runs anybody's code.
        drop_foreign(stage);
    }
}

impl<F: 'static> Mortal for Flight<F> {
    fn let_go_if_dead(&self) {
        if self.lasts().is_ok() || !kept(Rule::FlightsEndUnpolled) {
            return;
        }
        self.end();
        let waker = self.waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// The future of a flight. It ends as its work does, or as `disconnected` when its authority ends before that.
pub(crate) struct InFlight<F>(Rc<Flight<F>>);

impl<T, F: Future<Output = capnp::Result<T>> + Unpin> Future for InFlight<F> {
    type Output = capnp::Result<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let flight = &self.0;
        if let Err(dead) = flight.lasts() {
            flight.end();
            return Poll::Ready(Err(dead));
        }
        let mut work = match flight.stage.replace(Stage::Polling) {
            Stage::Waiting(work) => work,
            Stage::Polling => {
                // From inside its own poll, which nobody does. Nothing is lost if somebody does.
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Stage::Over => {
                flight.stage.replace(Stage::Over);
                return Poll::Ready(Err(Error::failed("the call is over".into())));
            }
        };
        let polled = Pin::new(&mut work).poll(context);
        // Its authority may have ended while it was polled, and whoever ended it found nothing to let go of.
        let ended =
            if polled.is_ready() { Some(polled) } else { flight.lasts().err().map(|dead| Poll::Ready(Err(dead))) };
        if let Some(outcome) = ended {
            flight.end();
            drop_foreign(work);
            return outcome;
        }
        flight.stage.replace(Stage::Waiting(work));
        // Outside the cell, like all that may run anybody's code.
        let waker = flight.waker.replace(Some(context.waker().clone()));
        drop(waker);
        Poll::Pending
    }
}

impl<F> Drop for InFlight<F> {
    fn drop(&mut self) {
        self.0.end();
    }
}
