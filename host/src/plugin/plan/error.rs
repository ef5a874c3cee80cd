//! Why a node cannot load what it is told to.

use membrane::Name;

use crate::plugin::file::FileError;
use crate::plugin::order::OrderError;
use crate::plugin::search::SearchError;
use crate::plugin::settings::{Conflict, SettingsError};

/// Why a node cannot load what it is told to: one line with what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The configuration file cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Two options contradict each other.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// Plugins cannot be looked for.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// A file is no plugin that can be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// Two plugins have one name.
    #[error("two plugins are called '{name}': {first} and {second}; give one of them another name: --plugin NAME=FILE")]
    Twice {
        /// The name.
        name: Name,
        /// One of them, and who chose it.
        first: String,
        /// The other one.
        second: String,
    },
    /// A plugin has the name of what the node itself provides.
    #[error("'{name}' is the node's own, and {place} is called so too; give it another name: --plugin NAME=FILE")]
    Offered {
        /// The name.
        name: Name,
        /// The plugin, and who chose it.
        place: String,
    },
    /// Something is said about a plugin that is not there.
    #[error("{said}: there is no plugin '{name}'; there are: {}; add it with --plugin {name}=FILE", listed(plugins))]
    Unknown {
        /// Where that is said.
        said: String,
        /// The plugin.
        name: Name,
        /// Those that are there.
        plugins: Vec<Name>,
    },
    /// A standard plugin is not there.
    #[error(
        "plugin '{name}' was not found, and {need}; {looked}; name its file with --plugin, or its folder with --plugin-dir"
    )]
    NotFound {
        /// The plugin.
        name: Name,
        /// Who needs it.
        need: String,
        /// What was looked for where.
        looked: String,
    },
    /// The plugins cannot be opened in any order.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// What a native plugin uses of the machine cannot be limited.
    #[error(
        "{said}: memory, cpu, pause, calls, answer and disk are limits of components, and '{name}' is a native plugin"
    )]
    Limits {
        /// Where they are said.
        said: String,
        /// The plugin.
        name: Name,
    },
    /// A native plugin has files of its own.
    #[error(
        "plugin '{plugin}' is a native one, which has the files of its user; `state` can be granted to components only"
    )]
    State {
        /// The plugin.
        plugin: Name,
    },
    /// A plugin may not use what it needs.
    #[error("plugin '{plugin}' requires '{name}', which it is not granted; add --grant {plugin}:{name}")]
    NotGranted {
        /// The plugin.
        plugin: Name,
        /// The capability.
        name: Name,
    },
}

fn listed(names: &[Name]) -> String {
    let names: Vec<_> = names.iter().map(Name::as_str).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
