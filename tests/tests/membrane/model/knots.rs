//! Circles of calls that wait for each other, or carry each other's promises.
//!
//! No guard makes them, and none can undo them: whoever waits in one waits until one of its calls is given up, and what
//! it carries is kept alive until then. A graph that has tied one ends there.

use std::collections::BTreeSet;

use super::{Model, Node, Ref, Stage, Value};

impl Model {
    /// Whether keeping `promise` with `value` ties a knot.
    pub(super) fn is_knot(&self, promise: usize, value: &Value) -> bool {
        let mut seen = BTreeSet::new();
        let mut next: Vec<usize> = value.iter().filter_map(promised).collect();
        // Its being kept with itself is no knot: that is refused.
        let itself = self.settled(value.clone()).iter().any(|value| promised(value) == Some(promise));
        while let Some(other) = next.pop() {
            if other == promise && !itself {
                return true;
            }
            if seen.insert(other) {
                next.extend(self.leads(other));
            }
        }
        false
    }

    /// The promises that an open promise keeps alive.
    fn leads(&self, promise: usize) -> Vec<usize> {
        let promised_by = |value: &Value| value.as_ref().and_then(promised);
        if let Some(kept) = &self.promises[promise].kept {
            return promised_by(kept).into_iter().collect();
        }
        let source = self.calls.values().find(|call| call.pipelined == Some(promise));
        let held = self.promises[promise].held.iter().filter_map(|token| self.calls.get(token));
        let mut leads = Vec::new();
        for call in source.into_iter().chain(held) {
            match &call.stage {
                Stage::Held { promise, params } => {
                    leads.push(*promise);
                    leads.extend(params.iter().filter_map(promised_by));
                }
                Stage::Parked { known: Some(known), .. } => leads.extend(promised_by(known)),
                _ => {}
            }
        }
        leads
    }
}

fn promised(value: &Ref) -> Option<usize> {
    match value.node {
        Node::Promise(promise) => Some(promise),
        Node::Object(_) => None,
    }
}
