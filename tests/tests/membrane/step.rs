//! The steps of a graph, as they are drawn.

use crate::random::Random;

/// What is done. Its numbers are taken modulo what there is, so a graph makes sense with any step taken out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub kind: Kind,
    pub numbers: [usize; 7],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A caller grafts.
    Graft,
    /// A party makes an object.
    Make,
    /// A party makes a promise.
    Promise,
    /// A party keeps one of its promises.
    Keep,
    /// A party drops a reference.
    Drop,
    /// A party calls what it has a reference to.
    Call,
    /// A call is answered that waits for that.
    Answer,
    /// A party gives up a call.
    Forget,
    /// Everybody looks after their calls.
    Poll,
    /// A caller restricts what it has a reference to.
    Restrict,
    /// A restriction is revoked.
    Revoke,
    /// The epoch advances, and the worker has not noticed yet.
    Advance,
    /// The worker notices.
    Sweep,
}

/// How often each kind is drawn, of the sum of all.
const WEIGHTS: &[(Kind, usize)] = &[
    (Kind::Graft, 12),
    (Kind::Make, 8),
    (Kind::Promise, 4),
    (Kind::Keep, 5),
    (Kind::Drop, 6),
    (Kind::Call, 60),
    (Kind::Answer, 12),
    (Kind::Forget, 3),
    (Kind::Poll, 3),
    (Kind::Restrict, 10),
    (Kind::Revoke, 5),
    (Kind::Advance, 4),
    (Kind::Sweep, 4),
];

impl Step {
    pub(crate) fn draw(random: &mut Random) -> Self {
        let sum = WEIGHTS.iter().map(|(_, weight)| weight).sum();
        let mut drawn = random.below(sum);
        let mut kind = Kind::Call;
        for (each, weight) in WEIGHTS {
            if drawn < *weight {
                kind = *each;
                break;
            }
            drawn -= weight;
        }
        Self { kind, numbers: std::array::from_fn(|_| random.below(1 << 16)) }
    }
}
