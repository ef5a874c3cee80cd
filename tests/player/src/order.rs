//! What a party in a guest is told to do, and what it says of it: a method for each of its functions, with numbers.

use capnp::private::capability::ClientHook;
use capnp::{any_pointer, primitive_list};

use crate::player::{Ask, Outcome, Reply, State};

/// The interface of a guest that is told what to do.
pub const ORDERS: u64 = 0xb1c5_7a0e_93d4_26f8;

/// A function of a party's, as the method of that number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "they are the functions of `Player`")]
pub enum Order {
    State,
    Graft,
    Make,
    DropReference,
    Settle,
    Call,
    TakePipelined,
    Poll,
    Forget,
    Answer,
    Restrict,
    Revoke,
    Look,
}

impl Order {
    /// All of them, each at its number.
    pub const ALL: &[Self] = &[
        Self::State,
        Self::Graft,
        Self::Make,
        Self::DropReference,
        Self::Settle,
        Self::Call,
        Self::TakePipelined,
        Self::Poll,
        Self::Forget,
        Self::Answer,
        Self::Restrict,
        Self::Revoke,
        Self::Look,
    ];
}

/// What a party says of an order.
pub enum Report {
    /// Numbers, as many as there is to say.
    Numbers(Vec<u64>),
    /// What is in a place.
    Reference(Box<dyn ClientHook>),
}

impl Report {
    pub(crate) fn write(self, mut root: any_pointer::Builder<'_>) -> capnp::Result<()> {
        match self {
            Self::Numbers(numbers) => write_numbers(root, &numbers),
            Self::Reference(hook) => {
                root.set_as_capability(hook);
                Ok(())
            }
        }
    }
}

/// Writes the numbers of an order or a report.
///
/// # Errors
/// Where there are more than a message holds.
pub fn write_numbers(root: any_pointer::Builder<'_>, numbers: &[u64]) -> capnp::Result<()> {
    let mut list: primitive_list::Builder<'_, u64> = root.initn_as(numbers.len() as u32);
    (0..).zip(numbers).for_each(|(index, number)| list.set(index, *number));
    Ok(())
}

/// Reads them.
///
/// # Errors
/// Where there are none.
pub fn read_numbers(root: any_pointer::Reader<'_>) -> capnp::Result<Vec<u64>> {
    let list: primitive_list::Reader<'_, u64> = root.get_as()?;
    Ok(list.iter().collect())
}

impl Ask {
    /// As numbers of an order.
    pub fn numbers(&self) -> Vec<u64> {
        let [kind, to] = self.reply.numbers();
        let first = [self.token as u64, self.place as u64, self.method.into(), kind, to, self.pipelined.into()];
        first.into_iter().chain(self.params.iter().map(|place| *place as u64)).collect()
    }

    /// From numbers of an order.
    pub fn of(numbers: &[u64]) -> Option<Self> {
        let [token, place, method, kind, to, pipelined, params @ ..] = numbers else { return None };
        Some(Self {
            token: *token as usize,
            place: *place as usize,
            method: *method as u16,
            params: params.iter().map(|place| *place as usize).collect(),
            reply: Reply::of([*kind, *to]),
            pipelined: *pipelined != 0,
        })
    }
}

impl State {
    /// As numbers of a report.
    pub fn numbers(&self) -> Vec<u64> {
        let first = [self.places, self.waiting.len(), self.alive.len()];
        let all = first.iter().chain(&self.waiting).chain(&self.alive).chain(&self.ended);
        all.map(|number| *number as u64).collect()
    }

    /// From numbers of a report.
    pub fn of(numbers: &[u64]) -> Option<Self> {
        let [places, waiting, alive, rest @ ..] = numbers else { return None };
        let (waiting, rest) = rest.split_at_checked(*waiting as usize)?;
        let (alive, ended) = rest.split_at_checked(*alive as usize)?;
        let set = |part: &[u64]| part.iter().map(|number| *number as usize).collect();
        Some(Self { places: *places as usize, waiting: set(waiting), alive: set(alive), ended: set(ended) })
    }
}

impl Outcome {
    /// As the number of a report. There is one for no outcome, too.
    pub fn number(outcome: Option<&Self>) -> u64 {
        match outcome {
            None => 0,
            Some(Self::Dead) => 1,
            Some(Self::Refused) => 2,
            Some(Self::Failed) => 3,
            Some(Self::Done(object)) => 4 + *object as u64,
        }
    }

    /// From the number of a report.
    pub fn of(number: u64) -> Option<Self> {
        match number {
            0 => None,
            1 => Some(Self::Dead),
            2 => Some(Self::Refused),
            3 => Some(Self::Failed),
            object => Some(Self::Done(object as usize - 4)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_what_is_heard() {
        for (number, order) in Order::ALL.iter().enumerate() {
            assert_eq!(number, *order as usize);
        }
        for reply in [Reply::Nothing, Reply::Fail, Reply::Give(3), Reply::Later, Reply::LaterKnown(4), Reply::PassOn(5)]
        {
            let ask = Ask { token: 1, place: 2, method: 3, params: vec![6, 7], reply, pipelined: true };
            assert_eq!(Ask::of(&ask.numbers()), Some(ask));
        }
        for outcome in
            [None, Some(Outcome::Dead), Some(Outcome::Refused), Some(Outcome::Failed), Some(Outcome::Done(9))]
        {
            assert_eq!(Outcome::of(Outcome::number(outcome.as_ref())), outcome);
        }
    }
}
