//! What became of many calls.

use std::fmt;

use crate::raw::Answer;

/// How many calls ended how, and why the first one failed.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    done: u32,
    pending: u32,
    failed: u32,
    first: Option<String>,
}

impl Tally {
    pub(crate) fn add(&mut self, answer: &Answer) {
        match answer {
            Answer::Done(_) => self.done += 1,
            Answer::Pending(_) => self.pending += 1,
            Answer::Failed(text) => {
                self.failed += 1;
                self.first.get_or_insert_with(|| text.clone());
            }
        }
    }
}

impl Tally {
    /// How many did not fail.
    pub(crate) fn made(&self) -> u32 {
        self.done + self.pending
    }

    /// Why the first one failed.
    pub(crate) fn refusal(&self) -> Option<&str> {
        self.first.as_deref()
    }
}

impl FromIterator<Answer> for Tally {
    fn from_iter<I: IntoIterator<Item = Answer>>(answers: I) -> Self {
        let mut tally = Self::default();
        answers.into_iter().for_each(|answer| tally.add(&answer));
        tally
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { done, pending, failed, first } = self;
        write!(formatter, "{done} done, {pending} pending, {failed} failed")?;
        first.as_ref().map_or(Ok(()), |text| write!(formatter, ": {text}"))
    }
}
