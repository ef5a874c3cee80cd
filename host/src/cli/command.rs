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
    /// The provider
    #[arg(value_name = "NAME")]
    pub name: String,

    /// What it is told
    #[arg(value_name = "ARGS", trailing_var_arg = true, allow_hyphen_values = true)]
    pub args: Vec<String>,

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
        let mut words = words.into_iter();
        Self {
            name: words.next().unwrap_or_default(),
            args: words.collect(),
            data: std::env::var_os("WW_DATA").map(PathBuf::from),
            providers: ProviderArgs::default(),
        }
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
        for words in
            [&["kv", "get", "--of", "x", "--plugin", "-"][..], &["command", "kv", "get", "--of", "x", "--plugin", "-"]]
        {
            let args = parse(words);
            assert_eq!((args.name.as_str(), args.args.len()), ("kv", 5), "{words:?}");
            assert!(args.providers.plugin.is_empty());
        }
        let args = parse(&["command", "--plugin", "./libkv.so", "--data", "d", "kv", "ls"]);
        assert_eq!((args.providers.plugin.len(), args.args.as_slice()), (1, &["ls".to_owned()][..]));
    }
}
