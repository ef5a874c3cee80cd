//! Gates: answers that wait for a word from the case.

use std::cell::RefCell;
use std::collections::HashMap;
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// The gate that is open from the start.
const OPEN: u32 = 0;

/// The gates of a side, by number.
#[derive(Default)]
pub(super) struct Gates(RefCell<HashMap<u32, Gate>>);

#[derive(Default)]
struct Gate {
    open: bool,
    waiting: Vec<Waker>,
}

impl Gates {
    pub(super) fn open(&self, gate: u32) {
        let waiting = {
            let mut gates = self.0.borrow_mut();
            let gate = gates.entry(gate).or_default();
            gate.open = true;
            std::mem::take(&mut gate.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }

    pub(super) async fn passed(&self, gate: u32) {
        if gate == OPEN {
            return;
        }
        poll_fn(|context| {
            let mut gates = self.0.borrow_mut();
            let gate = gates.entry(gate).or_default();
            if gate.open {
                return Poll::Ready(());
            }
            if !gate.waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                gate.waiting.push(context.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }
}
