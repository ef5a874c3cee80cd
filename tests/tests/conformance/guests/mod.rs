//! The carriers between host and cell, in both directions, with the guards of the Membrane and without them.

mod from_guest;
mod membrane;
mod program;
mod to_guest;

use ww_conformance::Traits;

/// A guest of our SDK: a panic is its end.
const SDK: Traits = Traits { panics_are_caught: false, ..Traits::OURS };

/// A guest of the Cap'n Proto library alone, which knows none of our bounds.
const LIBRARY: Traits = Traits {
    far_side_keeps_bounds: false,
    calls_are_refused: false,
    answers_in_place: false,
    answers_follow_pipelines: false,
    nothing_can_be_pipelined_on: false,
    error_prefix: "remote exception: ",
    ..SDK
};

/// The tests of one carrier, with a guest of `tests/guests`.
macro_rules! carrier {
    ($guest:literal $traits:ident) => {
        use super::membrane::Guards;
        use super::program::Guest;

        static GUEST: Guest =
            Guest::new(ww_tests::guest::Guest::new(concat!("tests/guests/", $guest), $guest), super::$traits);

        mod from_guest {
            carrier!(from_guest plain Off);
            carrier!(from_guest guarded On);
        }

        mod to_guest {
            carrier!(to_guest plain Off);
            carrier!(to_guest guarded On);
        }

        #[test]
        fn calls_into_a_cell_that_never_runs_end() {
            super::to_guest::calls_into_a_cell_that_never_runs_end(&GUEST);
        }
    };
    ($direction:ident $name:ident $guards:ident) => {
        mod $name {
            fn check(case: &str) {
                use super::super::{GUEST, Guards};
                crate::guests::$direction::check(&GUEST, Guards::$guards, case);
            }

            ww_conformance::cases!(tests);
            ww_conformance::stream_cases!(tests);
            ww_conformance::border_cases!(tests);
            carrier!($direction);
        }
    };
    (from_guest) => {
        ww_conformance::busy_cases!(tests);
    };
    (to_guest) => {
        ww_conformance::near_cases!(tests);
    };
}

/// Over `wetware:cell/calls`, by our SDK.
mod calls {
    carrier!("conformance" SDK);
}

/// Over `wetware:cell/connection`, by the Cap'n Proto library alone.
mod connection {
    carrier!("conformance-rpc" LIBRARY);
}
