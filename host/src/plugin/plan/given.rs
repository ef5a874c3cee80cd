//! What the operator says about each plugin, whoever chose it.

use std::collections::{BTreeMap, BTreeSet};

use membrane::Name;
use serde_json::{Map, Value};

use super::options::{Grant, Options};
use crate::plugin::component::ComponentLimits;
use crate::plugin::file::Sha256;
use crate::plugin::settings::{Assignment, Conflict, Settings, merge, tree};

/// What the operator says about one plugin.
#[derive(Clone, Debug, Default)]
pub(super) struct Given {
    /// Where the first of it is said.
    pub(super) said: String,
    pub(super) sha256: Option<Sha256>,
    pub(super) config: Map<String, Value>,
    pub(super) grants: BTreeSet<Name>,
    pub(super) limits: ComponentLimits,
}

/// All of it. Options are laid over the file; what either grants to a plugin, it may use.
pub(super) fn all(options: &Options, settings: &Settings) -> Result<BTreeMap<Name, Given>, Conflict> {
    let mut all: BTreeMap<Name, Given> = BTreeMap::new();
    let file = settings.file.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    for (name, plugin) in &settings.plugins {
        let given = Given {
            said: format!("config {file}: plugins.{name}"),
            sha256: plugin.sha256,
            config: plugin.config.clone(),
            grants: plugin.grants.iter().cloned().collect(),
            limits: plugin.limits,
        };
        all.insert(name.clone(), given);
    }
    for grant in &options.grant {
        if let Grant::Provider { provider, name } = grant {
            of(&mut all, provider, || format!("--grant {provider}:{name}")).grants.insert(name.clone());
        }
    }
    let mut assignments: BTreeMap<&Name, Vec<&Assignment>> = BTreeMap::new();
    for assignment in &options.set {
        assignments.entry(&assignment.plugin).or_default().push(assignment);
    }
    for (name, assignments) in assignments {
        let given = of(&mut all, name, || format!("--set {}", assignments[0]));
        merge(&mut given.config, tree(assignments)?);
    }
    Ok(all)
}

fn of<'a>(all: &'a mut BTreeMap<Name, Given>, name: &Name, said: impl FnOnce() -> String) -> &'a mut Given {
    all.entry(name.clone()).or_insert_with(|| Given { said: said(), ..Given::default() })
}
