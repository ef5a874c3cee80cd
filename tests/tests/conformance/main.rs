//! The conformance suite over every way of making calls that there is.
//!
//! Each case is a test of its own, below the name of its transport: `loopback::order::of_calls_on_one_reference`.

/// A test for each case of a part of the suite, which calls `check` of the module around it with the case's name.
macro_rules! tests {
    ($($group:ident { $($case:ident)* })*) => {
        $(mod $group {
            $(#[test]
            fn $case() {
                super::check(concat!(stringify!($group), "::", stringify!($case)));
            })*
        })*
    };
}

mod foreign;
mod guests;
mod in_process;
mod loopback;
mod native;
mod runner;

#[test]
fn every_case_has_a_name_of_its_own() {
    let mut names: Vec<_> = ww_conformance::CASES.iter().copied().flatten().map(|case| case.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn a_case_that_is_not_there_fails() {
    let transport = in_process::InProcess;
    let failure = runner::outcome(&transport, "order::of_nothing").unwrap_err();
    assert!(failure.to_string().contains("there is no case order::of_nothing"), "{failure}");
}
