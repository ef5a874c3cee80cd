//! What a verb that loads plugins is told about them: options, the environment, the operator's configuration.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser as _};
use membrane::Name;

use super::values::capability_name;
use crate::plugin::plan::{Grant, NamedFile, Options};
use crate::plugin::search::{Search, SearchError, VARIABLE};
use crate::plugin::settings::{Assignment, Settings};
use crate::plugin::standard::STANDARD;
use crate::plugin::{Plan, PlanError};

/// Options about plugins and grants.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Plugins and grants")]
pub struct ProviderArgs {
    /// Plugin to load, under its own name or another one (repeatable)
    #[arg(long, value_name = "[NAME=]FILE", value_parser = OsStringValueParser::new().try_map(NamedFile::try_from))]
    pub plugin: Vec<NamedFile>,

    /// Folder to look for standard plugins in, before those of WW_PLUGIN_PATH and those of this ww (repeatable)
    #[arg(long, value_name = "DIR")]
    pub plugin_dir: Vec<PathBuf>,

    /// Look for no standard plugins
    #[arg(long)]
    pub no_default_plugins: bool,

    /// Value of a plugin's configuration: TOML, or else a text; dots in KEY nest (repeatable)
    #[arg(long, value_name = "NAME.KEY=VALUE")]
    pub set: Vec<Assignment>,

    /// Capability that the guest may graft: where any is named, these and no others; PROVIDER:NAME grants it to a plugin
    /// (repeatable) [default: all that are configured]
    #[arg(long, value_name = "[PROVIDER:]NAME")]
    pub grant: Vec<Grant>,

    /// Capability that the guest may not graft, also where it is granted (repeatable)
    #[arg(long, value_name = "NAME", value_parser = capability_name)]
    pub deny: Vec<Name>,

    /// Configuration file [default: ww/config.toml in the user's configuration directory]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl ProviderArgs {
    /// Reads the configuration, and the plugins that it and the options name.
    ///
    /// # Errors
    /// Where one of these cannot be used, or says what cannot be.
    pub fn plan(&self) -> Result<Plan, PlanError> {
        let settings = Settings::load(self.config.as_deref())?;
        let options = Options {
            plugins: self.plugin.clone(),
            search: (!self.no_default_plugins).then(|| self.search()).transpose()?,
            set: self.set.clone(),
            grant: self.grant.clone(),
            deny: self.deny.clone(),
        };
        Plan::make(options, settings, STANDARD)
    }

    fn search(&self) -> Result<Search, SearchError> {
        let program = std::env::current_exe().ok();
        Search::new(&self.plugin_dir, std::env::var_os(VARIABLE).as_deref(), program.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        providers: ProviderArgs,
    }

    fn parse(args: &[&str]) -> Result<ProviderArgs, clap::Error> {
        Command::try_parse_from(["ww"].iter().chain(args)).map(|command| command.providers)
    }

    #[test]
    fn plugins_and_grants_have_names() -> Result<(), clap::Error> {
        let args =
            parse(&["--plugin", "a.so", "--plugin=kv=./b.so", "--grant", "kv", "--grant=kv:host", "--deny", "log"])?;
        assert_eq!(
            args.plugin.iter().map(|plugin| plugin.name.as_ref().map(Name::as_str)).collect::<Vec<_>>(),
            [None, Some("kv")]
        );
        assert_eq!(args.grant.iter().map(|grant| grant.to_guest().is_some()).collect::<Vec<_>>(), [true, false]);
        assert_eq!(args.deny.iter().map(Name::as_str).collect::<Vec<_>>(), ["log"]);
        Ok(())
    }

    #[test]
    fn what_is_none_is_refused() {
        for args in
            [["--plugin", "KV=./a.so"], ["--set", "kv=1"], ["--set", "kv.a"], ["--grant", "kv:"], ["--deny", "kv:a"]]
        {
            assert!(parse(&args).is_err(), "{args:?}");
        }
    }
}
