//! Calls that wait for their turn.

use std::collections::VecDeque;
use std::rc::Rc;

/// Calls in the order in which they were made.
///
/// A call that was given up leaves a gap, which whoever takes the next call passes over. Gaps are cleared away when they
/// are the larger part, so that a queue that nobody takes from does not grow with calls that are made and given up.
pub(crate) struct Queue<T> {
    entries: VecDeque<Rc<T>>,
    gaps: usize,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self { entries: VecDeque::new(), gaps: 0 }
    }
}

impl<T> Queue<T> {
    pub(crate) fn push(&mut self, entry: Rc<T>) {
        self.entries.push_back(entry);
    }

    pub(crate) fn pop(&mut self) -> Option<Rc<T>> {
        self.entries.pop_front()
    }

    /// One more entry has become a gap. `is_gap` tells which are.
    pub(crate) fn given_up(&mut self, is_gap: impl Fn(&T) -> bool) {
        // Gaps that were taken are counted too, so this clears early rather than late.
        self.gaps += 1;
        if self.gaps * 2 > self.entries.len() {
            self.entries.retain(|entry| !is_gap(entry));
            self.gaps = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn gaps_do_not_accumulate() {
        let mut queue = Queue::default();
        let kept: Vec<_> = (0..3).map(|_| Rc::new(Cell::new(false))).collect();
        for entry in &kept {
            queue.push(entry.clone());
            for _ in 0..1000 {
                let gap = Rc::new(Cell::new(true));
                queue.push(gap);
                queue.given_up(Cell::get);
            }
        }
        assert!(queue.entries.len() < 10, "{} entries", queue.entries.len());
        let live = std::iter::from_fn(|| queue.pop()).filter(|entry| !entry.get()).count();
        assert_eq!(live, kept.len());
    }
}
