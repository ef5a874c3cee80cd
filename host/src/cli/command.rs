//! Arguments of `ww command`, and of `ww NAME ARGS…`.

use std::path::PathBuf;

use clap::Args;

use super::providers::ProviderArgs;

const EXAMPLES: &str = "\
Examples:
  ww kv ls                                       the command line of the provider kv
  ww command kv ls                               the same
  ww command --data ./data kv ls                 of the node that keeps its data there
  ww command --plugin ./libkv.so kv ls           of a plugin that no node has open

It runs inside the node that has the provider open, else in a process of its own; the log says which.
Exit status: the provider's own; 2 where there is no such provider; 125 when it could not be asked.";

/// Arguments of `ww command`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct CommandArgs {
    /// The provider, and what it is told: all words from its name on, also those that look like options of ww
    #[arg(value_names = ["NAME", "ARGS"], num_args = 1.., required = true, trailing_var_arg = true)]
    pub words: Vec<String>,

    /// Where nodes keep their data [default: the user's data directory]
    #[arg(long, value_name = "DIR", env = "WW_DATA")]
    pub data: Option<PathBuf>,

    /// Plugins, for a process of its own.
    #[command(flatten)]
    pub providers: ProviderArgs,
}

impl CommandArgs {
    /// The words of `ww NAME ARGS…`.
    pub(super) fn of(words: Vec<String>) -> Self {
        Self { words, data: std::env::var_os("WW_DATA").map(PathBuf::from), providers: ProviderArgs::default() }
    }

    /// The provider.
    pub fn name(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// What it is told.
    pub fn args(&self) -> &[String] {
        self.words.get(1..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use crate::cli::{Cli, CommandArgs, Verb};

    fn parse(words: &[&str]) -> CommandArgs {
        match Cli::try_parse_from(["ww"].iter().chain(words)).unwrap_or_else(|error| panic!("{error}")).verb {
            Verb::Command(args) => *args,
            Verb::Provider(words) => CommandArgs::of(words),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_follows_the_name_is_the_providers() {
        for told in [&["get", "--of", "x", "--plugin", "-"][..], &["--help"], &["--plugin", "x", "--", "-h"], &[]] {
            for words in [[&["kv"], told].concat(), [&["command", "kv"], told].concat()] {
                let args = parse(&words);
                assert_eq!(args.name(), "kv", "{words:?}");
                assert_eq!(args.args(), told, "{words:?}");
                assert!(args.providers.plugin.is_empty());
            }
        }
        let args = parse(&["command", "--plugin", "./libkv.so", "--data", "d", "kv", "ls"]);
        assert_eq!((args.providers.plugin.len(), args.args()), (1, &["ls".to_owned()][..]));
        for words in [&["ww", "command"][..], &["ww", "command", "--plugn", "./libkv.so", "kv"]] {
            assert!(Cli::try_parse_from(words).is_err(), "{words:?}");
        }
    }
}
