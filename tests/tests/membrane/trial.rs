//! Runs graphs, and makes those that fail short.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::graph::Graph;
use crate::parties::{Parties, Places};
use crate::random::Random;
use crate::step::Step;

/// How many steps a graph has at most, and how many more after its end.
const STEPS: usize = 80;
const STEPS_AFTER: usize = 40;

/// The steps of one graph.
#[derive(Clone)]
pub(crate) struct Plan {
    pub steps: Vec<Step>,
    pub after: Vec<Step>,
}

impl Plan {
    pub(crate) fn draw(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let count = 4 + random.below(STEPS - 4);
        let count_after = if random.below(2) == 0 { 0 } else { STEPS_AFTER };
        let mut draw = |count| (0..count).map(|_| Step::draw(&mut random)).collect();
        Self { steps: draw(count), after: draw(count_after) }
    }

    /// Runs it between new parties.
    ///
    /// # Errors
    /// What differs from the model, and what was done until then.
    pub(crate) fn run(&self, places: Places) -> Result<(), String> {
        let mut plan = self.clone();
        loop {
            let mut graph = Graph::new(Parties::new(places));
            let outcome = plan.run_once(&mut graph);
            match graph.tangled {
                Some(step) => plan.leave_out(step),
                None => return outcome.map_err(|difference| format!("{}\n{difference}", graph.log.join("\n"))),
            }
        }
    }

    fn run_once(&self, graph: &mut Graph) -> Result<(), String> {
        let run = || {
            self.steps.iter().try_for_each(|step| graph.step(step))?;
            graph.end(&self.after)
        };
        catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Err("somebody panicked".to_owned()))
    }

    /// Leaves out a step, counted from the first one on.
    fn leave_out(&mut self, step: usize) {
        match step.checked_sub(self.steps.len()) {
            None => drop(self.steps.remove(step)),
            Some(after) => drop(self.after.remove(after)),
        }
    }

    /// The shortest plan that still fails: without all that can be left out, one step after the other.
    pub(crate) fn shortened(mut self, places: Places) -> Self {
        let mut index = 0;
        while index < self.steps.len() + self.after.len() {
            let mut shorter = self.clone();
            if index < self.steps.len() {
                // From the end: what comes later is what hangs on what comes before.
                shorter.steps.remove(self.steps.len() - 1 - index);
            } else {
                shorter.after.remove(index - self.steps.len());
            }
            if shorter.run(places).is_err() {
                self = shorter;
                index = 0;
            } else {
                index += 1;
            }
        }
        self
    }
}

/// Runs `count` graphs from the seeds `first` on. Returns the seed of the one that fails first, with what it did wrong,
/// made short.
pub(crate) fn first_failure(first: u64, count: u32, places: fn(u64) -> Places) -> Option<(u64, String)> {
    (first..first + u64::from(count)).find_map(|seed| {
        let (plan, places) = (Plan::draw(seed), places(seed));
        plan.run(places).err()?;
        let short = plan.shortened(places);
        let story = short.run(places).err().unwrap_or_else(|| "it fails only sometimes".to_owned());
        Some((seed, story))
    })
}
