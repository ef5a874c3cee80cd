//! The rules that guards keep, each with a switch.
//!
//! A test that would not notice a missing rule proves nothing. So the tests take out one rule after the other and see
//! that they fail. The switches exist with the feature `test-switches` only; without it every rule holds at compile time
//! and costs nothing.

/// One rule of the guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// A call on a capability whose epoch has ended is refused.
    EpochAtCall,
    /// A call on a capability that was revoked is refused.
    RevocationAtCall,
    /// A call of a method that is not allowed is refused.
    MethodsAtCall,
    /// A call past the budget is refused.
    BudgetAtCall,
    /// A call in flight fails when its epoch ends.
    FlightsEndWithEpoch,
    /// A call in flight fails when its capability is revoked.
    FlightsEndWithRevocation,
    /// A call in flight that is dead is dropped, whether somebody polls it or not.
    FlightsEndUnpolled,
    /// What results hold is guarded.
    ResultsAreGuarded,
    /// What is known of results before they are there is guarded.
    PipelinesAreGuarded,
    /// What a promise turns out to be is guarded.
    ResolutionsAreGuarded,
    /// What parameters hold is guarded for whoever gets it.
    ParametersAreGuarded,
    /// What flows back to an issuer ends as the way ends on which its object went out.
    WayBackIsGuarded,
    /// A guarded capability that is handed to a third party stays guarded.
    StaysGuarded,
    /// One with more on it than its epoch stays guarded on its way home, too.
    OnlyPlainIsUnwrapped,
    /// A dead one stays dead on its way home.
    DeadStaysDead,
    /// One's own object with nothing on it comes home bare.
    HomeIsBare,
    /// There is one guard around an object.
    OneGuard,
    /// Two guards that say the same of one object are the same.
    OneObject,
    /// What may be called survives every transfer.
    MethodsSurvive,
    /// What may be revoked survives every transfer, and reaches what comes out of it.
    RevocationSurvives,
    /// Of two epochs the older one counts.
    OlderEpochCounts,
    /// A dead guard lets go of what it guards.
    DeadLetGo,
    /// Nothing new is guarded with a policy that is dead.
    DeadTakeNothing,
    /// A guard whose calls are used up lets go of what it guards.
    SpentLetGo,
}

/// Whether a rule is kept: always.
#[cfg(not(feature = "test-switches"))]
#[inline(always)]
pub(crate) const fn kept(_: Rule) -> bool {
    true
}

#[cfg(feature = "test-switches")]
pub(crate) use switches::kept;
#[cfg(feature = "test-switches")]
pub use switches::without;

#[cfg(feature = "test-switches")]
mod switches {
    use std::cell::Cell;

    use super::Rule;

    thread_local! {
        static OUT: Cell<Option<Rule>> = const { Cell::new(None) };
    }

    /// Whether a rule is kept: unless it was taken out on this thread.
    pub(crate) fn kept(rule: Rule) -> bool {
        OUT.get() != Some(rule)
    }

    /// Runs something with a rule taken out, on this thread.
    pub fn without<R>(rule: Rule, run: impl FnOnce() -> R) -> R {
        struct Back;
        impl Drop for Back {
            fn drop(&mut self) {
                OUT.set(None);
            }
        }
        let _back = Back;
        OUT.set(Some(rule));
        run()
    }
}

impl Rule {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::EpochAtCall,
        Self::RevocationAtCall,
        Self::MethodsAtCall,
        Self::BudgetAtCall,
        Self::FlightsEndWithEpoch,
        Self::FlightsEndWithRevocation,
        Self::FlightsEndUnpolled,
        Self::ResultsAreGuarded,
        Self::PipelinesAreGuarded,
        Self::ResolutionsAreGuarded,
        Self::ParametersAreGuarded,
        Self::WayBackIsGuarded,
        Self::StaysGuarded,
        Self::OnlyPlainIsUnwrapped,
        Self::DeadStaysDead,
        Self::HomeIsBare,
        Self::OneGuard,
        Self::OneObject,
        Self::MethodsSurvive,
        Self::RevocationSurvives,
        Self::OlderEpochCounts,
        Self::DeadLetGo,
        Self::DeadTakeNothing,
        Self::SpentLetGo,
    ];
}
