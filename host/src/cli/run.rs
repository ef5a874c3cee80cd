//! Arguments of `ww run`.

use std::path::PathBuf;

use clap::Args;
use libp2p::Multiaddr;

use super::limit::{Limits, limits};
use super::providers::ProviderArgs;
use super::values::{EnvVar, caller_name, env_var, guest_argument, multiaddr};

/// The port that a node listens on, on TCP and on UDP for QUIC, unless told otherwise.
pub const DEFAULT_PORT: u16 = 2025;

const EXAMPLES: &str = "\
Examples:
  ww run                                     run the image in the current directory
  ww run hello -- --greeting hi              with arguments for the guest
  ww run base app                            app laid over base: its files win, the rest is base's
  ww run --env LANG=C hello < input.txt      with an environment and a standard input
  ww run --limit memory=64MiB,cpu=10s hello  ended when it has used 10 s of the processor
  ww run --port 0 --ephemeral hello          on any free port, as nobody in particular
  ww run --peer /ip4/192.0.2.1/tcp/2025      connect to a peer at the start
  ww run --deny host                         without a capability that it would be granted
  ww run --plugin libkv.so --set kv.path=db  with a plugin, and what it is configured with
  RUST_LOG=ww=debug ww run                   show what the node does

Exit status: the guest's own; 125 when the node failed before the guest ran; 126 when a trap or a limit ended the \
guest; 130 and 143 after SIGINT and SIGTERM.";

/// Arguments of `ww run`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct RunArgs {
    /// Directories of the image, with a boot/main.wasm; later ones win file by file, and a file `.wh.NAME` in one removes
    /// NAME from those before it
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,

    /// Port to listen on, on all interfaces; 0 takes any that is free [default: 2025, or none with --listen]
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,

    /// Address to listen on (repeatable)
    #[arg(long, value_name = "MULTIADDR", value_parser = multiaddr)]
    pub listen: Vec<Multiaddr>,

    /// Peer to connect to at the start (repeatable)
    #[arg(long, value_name = "MULTIADDR", value_parser = multiaddr)]
    pub peer: Vec<Multiaddr>,

    /// File with the node's key; created when missing [default: in the data directory]
    #[arg(long, value_name = "FILE", conflicts_with = "ephemeral")]
    pub identity: Option<PathBuf>,

    /// Take a key for this run only, and keep none
    #[arg(long)]
    pub ephemeral: bool,

    /// Where the node keeps identity, caches and state [default: the user's data directory]
    #[arg(long, value_name = "DIR", env = "WW_DATA")]
    pub data: Option<PathBuf>,

    /// Name of the guest towards providers [default: the name of the last directory]
    #[arg(long, value_name = "NAME", value_parser = caller_name)]
    pub name: Option<String>,

    /// What the guest may use: memory=SIZE, cpu=TIME, wall=TIME, disk=SIZE, and what its compilation may: compile=TIME,
    /// compile-memory=SIZE, separated by commas [default: memory=256MiB,disk=256MiB,compile=1m,compile-memory=2GiB]
    #[arg(long, value_name = "KEY=VALUE,…", value_parser = limits)]
    pub limit: Option<Limits>,

    /// Keep the guest's debug info: the backtrace of a trap names files and lines
    #[arg(long)]
    pub wasm_debug: bool,

    /// Environment variable for the guest, which sees no other (repeatable)
    #[arg(long, value_name = "K=V", value_parser = env_var)]
    pub env: Vec<EnvVar>,

    /// Arguments for the guest
    #[arg(last = true, value_name = "ARGS", value_parser = guest_argument)]
    pub args: Vec<String>,

    /// Plugins and grants: the last, since its heading is for all that follows.
    #[command(flatten)]
    pub providers: ProviderArgs,
}

impl RunArgs {
    /// The port to listen on, on all interfaces: the one that was asked for, else the default one, else none where
    /// addresses to listen on were given.
    pub fn listen_port(&self) -> Option<u16> {
        self.port.or_else(|| self.listen.is_empty().then_some(DEFAULT_PORT))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Verb};

    fn parse(args: &[&str]) -> Result<RunArgs, clap::Error> {
        match Cli::try_parse_from(["ww", "run"].iter().chain(args))?.verb {
            Verb::Run(args) => Ok(*args),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_was_not_said_has_a_default() -> Result<(), clap::Error> {
        let args = parse(&[])?;
        assert_eq!(args.paths, [PathBuf::from(".")]);
        assert_eq!(args.listen_port(), Some(2025));
        assert!(args.peer.is_empty() && args.env.is_empty() && args.args.is_empty() && !args.wasm_debug);
        Ok(())
    }

    #[test]
    fn a_listen_address_takes_the_place_of_the_default_port() -> Result<(), clap::Error> {
        assert_eq!(parse(&["--listen", "/ip4/127.0.0.1/tcp/0"])?.listen_port(), None);
        assert_eq!(parse(&["--listen", "/ip4/127.0.0.1/tcp/0", "--port", "0"])?.listen_port(), Some(0));
        Ok(())
    }

    #[test]
    fn what_follows_two_dashes_is_the_guests() -> Result<(), clap::Error> {
        let args = parse(&["--env", "A=1", "--env", "B=2", "--", "--port", "-x"])?;
        assert_eq!(args.paths, [PathBuf::from(".")]);
        assert_eq!(args.env.len(), 2);
        assert_eq!(args.args, ["--port", "-x"]);
        let args = parse(&["image", "--", "image2"])?;
        assert_eq!((args.paths, args.args), (vec![PathBuf::from("image")], vec!["image2".to_owned()]));
        Ok(())
    }

    #[test]
    fn paths_are_layers_in_order() -> Result<(), clap::Error> {
        let args = parse(&["base", "--port", "0", "app", "--", "x", "y"])?;
        assert_eq!(args.paths, ["base", "app"].map(PathBuf::from));
        assert_eq!(args.args, ["x", "y"]);
        Ok(())
    }

    #[test]
    fn contradictions_are_refused() {
        assert!(parse(&["--identity", "key", "--ephemeral"]).is_err());
        assert!(parse(&["--port", "65536"]).is_err());
    }
}
