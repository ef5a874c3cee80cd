//! Tests of a plugin that ships as both kinds.

/// Runs each test for each kind of a plugin: functions of the file that this stands in, which take a reference to what the
/// file knows of a kind, `NATIVE` or `COMPONENT`.
#[macro_export]
macro_rules! of_both_kinds {
    ($($test:ident),* $(,)?) => {
        mod native {
            $(#[test] fn $test() { super::$test(&super::NATIVE) })*
        }

        mod component {
            $(#[test] fn $test() { super::$test(&super::COMPONENT) })*
        }
    };
}
