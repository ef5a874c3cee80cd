//! The cases by name.

use std::process::ExitCode;
use std::time::Duration;

use futures::future::{Either, LocalBoxFuture, select};

use crate::cases;
use crate::failure::{Failure, Outcome};
use crate::setting::Setting;
use crate::transport::Transport;

/// How long a case may take. Nearly all of them take milliseconds, and the longest some seconds of computing; this ends
/// those that hang, also on a busy machine.
const LIMIT: Duration = Duration::from_secs(180);

/// One rule of the layer.
pub struct Case {
    /// Its group and its name: `order::of_calls_on_one_reference`.
    pub name: &'static str,
    run: for<'a> fn(&'a Setting<'a>) -> LocalBoxFuture<'a, Outcome>,
}

macro_rules! table {
    ($($group:ident { $($case:ident)* })*) => {
        &[$($(Case {
            name: concat!(stringify!($group), "::", stringify!($case)),
            run: |setting| Box::pin(cases::$group::$case(setting)),
        },)*)*]
    };
}

/// All cases, in parts: [`cases`](crate::cases), [`stream_cases`](crate::stream_cases),
/// [`border_cases`](crate::border_cases), [`busy_cases`](crate::busy_cases), [`near_cases`](crate::near_cases).
pub const CASES: &[&[Case]] = &[
    crate::cases!(table),
    crate::stream_cases!(table),
    crate::border_cases!(table),
    crate::busy_cases!(table),
    crate::near_cases!(table),
];

/// Runs one case.
///
/// # Errors
/// What was not as it should be, after the name of the case. Also where it takes too long, where it leaves something
/// behind on either side, or where there is no such case.
pub async fn run(transport: &dyn Transport, name: &str) -> Outcome {
    let Some(case) = CASES.iter().copied().flatten().find(|case| case.name == name) else {
        return Err(Failure::new(format!("there is no case {name}")));
    };
    let running = async {
        let setting = Setting::new(transport).await?;
        (case.run)(&setting).await?;
        setting.is_left_clean().await
    };
    let outcome = match select(Box::pin(running), transport.sleep(LIMIT)).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right(_) => Err(Failure::new(format!("it hangs: {} s are over", LIMIT.as_secs()))),
    };
    outcome.map_err(|failure| Failure::new(format!("{name}: {failure}")))
}

/// Runs cases one after the other, and prints a line for each: for a program that runs them where nobody else can look.
/// The status is a success where all of them hold.
pub async fn report(transport: &dyn Transport, cases: &[String]) -> ExitCode {
    let mut status = ExitCode::SUCCESS;
    for case in cases {
        match run(transport, case).await {
            Ok(()) => println!("ok {case}"),
            Err(failure) => {
                println!("FAILED {failure}");
                status = ExitCode::FAILURE;
            }
        }
    }
    status
}
