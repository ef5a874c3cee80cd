//! The groups of measurements, each with its bars.

mod call;
mod component;
mod connection;
mod cut;
mod fs;
mod guard;
mod idle;
mod neighbour;
mod plugin;
mod spawn;
mod start;

pub(crate) use start::ARGS as START_ARGS;

use anyhow::Result;
use clap::ValueEnum;

use crate::node::Node;
use crate::report::Report;

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Group {
    /// A call, beside one in process and one over RPC.
    Call,
    /// A call over RPC by a guest, beside RPC without one.
    Connection,
    /// What a guard costs, and how fast it cuts.
    Guard,
    /// A plugin's object, of either kind, beside the same one in process.
    Plugin,
    /// Starting a cell, beside bare wasmtime.
    Spawn,
    /// File operations of a guest, beside wasmtime-wasi.
    Fs,
    /// The memory of a cell that waits.
    Idle,
    /// A guest beside others that compute for ever.
    Neighbour,
    /// `ww run` to the guest's first line, beside a bare run.
    Start,
}

impl Group {
    /// Those that were asked for, each once; all where none was.
    pub(crate) fn chosen(asked: &[Self]) -> impl Iterator<Item = Self> {
        Self::value_variants().iter().copied().filter(|it| asked.is_empty() || asked.contains(it))
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Connection => "connection",
            Self::Guard => "guard",
            Self::Plugin => "plugin",
            Self::Spawn => "spawn",
            Self::Fs => "fs",
            Self::Idle => "idle",
            Self::Neighbour => "neighbour",
            Self::Start => "start",
        }
    }

    /// Builds what the group runs, so that it is not counted.
    pub(crate) fn prepare(self) {
        match self {
            Self::Connection => connection::prepare(),
            Self::Neighbour => neighbour::prepare(),
            Self::Plugin => {
                plugin::prepare();
                component::prepare();
            }
            Self::Start => start::prepare(),
            Self::Call | Self::Guard | Self::Spawn | Self::Fs | Self::Idle => {}
        }
    }

    pub(crate) async fn measure(self, node: &Node, report: &mut Report) -> Result<()> {
        report.begin(self.name());
        match self {
            Self::Call => call::measure(node, report).await,
            Self::Connection => connection::measure(node, report).await,
            Self::Guard => {
                guard::measure(node, report).await?;
                cut::measure(node, report).await
            }
            Self::Plugin => {
                plugin::measure(node, report).await?;
                component::measure(node, report).await
            }
            Self::Spawn => spawn::measure(node, report).await,
            Self::Fs => fs::measure(node, report).await,
            Self::Idle => idle::measure(node, report).await,
            Self::Neighbour => neighbour::measure(node, report).await,
            Self::Start => start::measure(node, report).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_group_means_all() {
        assert_eq!(Group::chosen(&[]).count(), Group::value_variants().len());
        assert_eq!(Group::chosen(&[Group::Fs, Group::Fs]).collect::<Vec<_>>(), [Group::Fs]);
    }
}
