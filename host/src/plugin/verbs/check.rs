//! The verb `ww plugin check`.

use std::process::ExitCode;

use super::Error;
use crate::cli::CheckArgs;
use crate::plugin::check;
use crate::report;

pub(super) fn check(args: &CheckArgs) -> Result<ExitCode, Error> {
    let mut providers = args.providers.clone();
    providers.plugin.insert(0, args.file.clone());
    let plan = providers.plan()?;
    let Some(plugin) = plan.plugins.into_iter().next() else { return Ok(ExitCode::FAILURE) };
    plugin.loadable()?;
    let mut shown = Ok(());
    let checked = check::run(&plugin, |case| {
        if !args.json && shown.is_ok() {
            shown = report::show(&case.line());
        }
    })?;
    let text = if args.json { format!("{:#}", checked.object()) } else { checked.verdict() };
    shown.and_then(|()| report::show(&text)).map_err(Error::Output)?;
    Ok(if checked.conforms() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
