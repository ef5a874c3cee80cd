//! What a node would load: the plugins, from where, with which configuration and which grants.
//!
//! Options win over the file, key by key. One exception: what a guest is denied in either stays denied. Two plugins of one
//! name are an error, never the last one wins; a plugin of an option takes the place of the file that the configuration
//! names for the same name, and keeps the rest of what is said there.

mod error;
mod given;
mod guest;
mod options;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use membrane::Name;
use serde_json::{Map, Value};

pub use error::PlanError;
use given::Given;
pub use guest::{GuestGrants, Said};
pub use options::{Grant, NamedFile, Options};

use super::component::{ComponentLimits, STATE};
use super::file::{FileError, Kind, PluginFile};
use super::library;
use super::order::{self, Needs};
use super::search::{Search, Source};
use super::settings::Settings;
use super::standard::Standard;

/// What a node would load.
#[derive(Debug)]
pub struct Plan {
    /// The plugins to open at start.
    pub plugins: Vec<Planned>,
    /// What the image's own guest may graft.
    pub guest: GuestGrants,
    /// The standard plugins that may be looked for.
    standard: &'static [Standard],
    search: Search,
    /// What is said about standard plugins that nothing has needed yet.
    given: BTreeMap<Name, Given>,
}

/// A plugin to load.
#[derive(Debug)]
pub struct Planned {
    /// The name that its capability is registered under.
    pub name: Name,
    /// Its file, read and checked.
    pub file: PluginFile,
    /// Who chose it.
    pub origin: Origin,
    /// What it is opened with: a JSON object.
    pub config: Map<String, Value>,
    /// The capabilities that it may use, sorted.
    pub grants: Vec<Name>,
    /// What it may use of the machine, where it is a component.
    pub limits: ComponentLimits,
}

/// Who chose a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `--plugin`.
    Option,
    /// A configuration file, which names it.
    Config(PathBuf),
    /// It is a standard plugin, found in such a folder.
    Found(Source),
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option => formatter.write_str("--plugin"),
            Self::Config(path) => write!(formatter, "config {}", path.display()),
            Self::Found(source) => source.fmt(formatter),
        }
    }
}

impl Plan {
    /// Reads the plugins that are asked for, and nothing else. `standard` is the table of the standard ones.
    ///
    /// # Errors
    /// Where a file is no plugin, or not the one that is configured; where two have one name; where something is said
    /// about a plugin that is not there.
    pub fn make(options: Options, settings: Settings, standard: &'static [Standard]) -> Result<Self, PlanError> {
        let given = given::all(&options, &settings)?;
        let guest = GuestGrants::of(&options, &settings);
        let standard = if options.search.is_some() { standard } else { &[] };
        let search = options.search.unwrap_or_default();
        let mut plan = Self { plugins: Vec::new(), guest, standard, search, given };
        for NamedFile { name, file } in options.plugins {
            plan.add(&file, name, Origin::Option)?;
        }
        let config = settings.file.unwrap_or_default();
        for (name, plugin) in settings.plugins {
            if let Some(path) = plugin.path.filter(|_| plan.get(&name).is_none()) {
                plan.add(&path, Some(name), Origin::Config(config.clone()))?;
            }
        }
        let unknown = plan.given.iter().find(|(name, _)| plan.entry(name).is_none());
        match unknown {
            Some((name, given)) => Err(PlanError::Unknown {
                said: given.said.clone(),
                name: name.clone(),
                plugins: plan.plugins.iter().map(|plugin| plugin.name.clone()).collect(),
            }),
            None => Ok(plan),
        }
    }

    /// Takes the standard plugins in that others require, checks that each may use what it requires, and brings all into
    /// the order in which they can be opened. `offered` is what the node itself provides.
    ///
    /// # Errors
    /// Where that cannot be: a name that nobody provides, a circle, a grant that is missing.
    pub fn complete(&mut self, offered: &[Name]) -> Result<(), PlanError> {
        self.add_required()?;
        let needs: Vec<Needs<'_>> = self.plugins.iter().map(Planned::needs).collect();
        if let Some(plugin) =
            self.plugins.iter().find(|plugin| offered.contains(&plugin.name) || plugin.name.as_str() == STATE)
        {
            return Err(PlanError::Offered { name: plugin.name.clone(), place: plugin.place() });
        }
        let order = order::order(&needs, offered)?;
        self.plugins.iter().try_for_each(Planned::check_grants)?;
        let mut plugins: Vec<Option<Planned>> = self.plugins.drain(..).map(Some).collect();
        self.plugins = order.into_iter().filter_map(|index| plugins[index].take()).collect();
        Ok(())
    }

    /// Leaves out all plugins but this one and those that it may use. A standard one is looked for. Whether there is such
    /// a plugin.
    ///
    /// # Errors
    /// Where it is a standard one and is not found, or cannot be used.
    pub fn only(&mut self, name: &Name) -> Result<bool, PlanError> {
        if self.get(name).is_none() {
            let Some(found) = self.find(name, "it was asked for")? else { return Ok(false) };
            self.plugins.push(found);
        }
        let mut wanted = vec![name.clone()];
        let mut next = 0;
        while let Some(name) = wanted.get(next).cloned() {
            let used = self.get(&name).map(|plugin| plugin.grants.clone()).unwrap_or_default();
            let more: Vec<_> = used.into_iter().filter(|name| !wanted.contains(name)).collect();
            wanted.extend(more);
            next += 1;
        }
        self.plugins.retain(|plugin| wanted.contains(&plugin.name));
        Ok(true)
    }

    /// The plugin of this name, of those that open at start.
    pub fn get(&self, name: &Name) -> Option<&Planned> {
        self.plugins.iter().find(|plugin| plugin.name == *name)
    }

    /// The standard plugins that are not there yet, and whether anything is said about each.
    pub fn standard(&self) -> impl Iterator<Item = (Name, bool)> {
        let names = self.standard.iter().filter_map(|entry| entry.name.parse::<Name>().ok());
        names.filter(|name| self.get(name).is_none()).map(|name| (name.clone(), self.given.contains_key(&name)))
    }

    /// Reads a standard plugin, which is none of [`Self::plugins`] yet; none where the name is none of theirs. `need` says who needs it: `'kv' requires it`.
    ///
    /// # Errors
    /// Where it is not found, with the folders that were looked into, and where its file cannot be used.
    pub fn find(&self, name: &Name, need: &str) -> Result<Option<Planned>, PlanError> {
        let Some(entry) = self.entry(name) else { return Ok(None) };
        let Some((source, path)) = self.search.find(name) else {
            let (name, need, looked) = (name.clone(), need.to_owned(), self.search.looked_for(name));
            return Err(PlanError::NotFound { name, need, looked });
        };
        let mut given = self.given.get(name).cloned().unwrap_or_default();
        given.grants.extend(entry.grants.iter().filter_map(|name| name.parse().ok()));
        Planned::read(&path, Some(name.clone()), Origin::Found(source), |_| given).map(Some)
    }

    fn entry(&self, name: &Name) -> Option<&'static Standard> {
        self.standard.iter().find(|entry| entry.name == name.as_str())
    }

    fn add(&mut self, path: &Path, name: Option<Name>, origin: Origin) -> Result<(), PlanError> {
        let plugin = Planned::read(path, name, origin, |name| self.given.remove(name).unwrap_or_default())?;
        if let Some(first) = self.get(&plugin.name) {
            let (first, second) = (first.place(), plugin.place());
            return Err(PlanError::Twice { name: plugin.name, first, second });
        }
        self.plugins.push(plugin);
        Ok(())
    }

    fn add_required(&mut self) -> Result<(), PlanError> {
        let mut next = 0;
        while let Some(plugin) = self.plugins.get(next) {
            let need = format!("'{}' requires it", plugin.name);
            for name in plugin.file.manifest().requires.clone() {
                if self.get(&name).is_none() {
                    let found = self.find(&name, &need)?;
                    self.plugins.extend(found);
                }
            }
            next += 1;
        }
        Ok(())
    }
}

impl Planned {
    fn read(
        path: &Path,
        name: Option<Name>,
        origin: Origin,
        given: impl FnOnce(&Name) -> Given,
    ) -> Result<Self, PlanError> {
        let file = PluginFile::read(path)?;
        let name = name.unwrap_or_else(|| file.manifest().name.clone());
        let Given { said, sha256, config, grants, limits } = given(&name);
        if let Some(wanted) = sha256 {
            file.require_sha256(wanted)?;
        }
        if file.kind() != Kind::Component && limits.is_said() {
            return Err(PlanError::Limits { said, name });
        }
        Ok(Self { name, file, origin, config, grants: grants.into_iter().collect(), limits })
    }

    /// Checks that this process can load it.
    ///
    /// # Errors
    /// Where it cannot.
    pub fn loadable(&self) -> Result<(), FileError> {
        library::loadable(&self.file).map_err(|fault| self.file.refuse(fault))
    }

    fn place(&self) -> String {
        format!("{} ({})", self.file.path().display(), self.origin)
    }

    fn needs(&self) -> Needs<'_> {
        Needs { name: &self.name, requires: &self.file.manifest().requires }
    }

    /// Checks that it may keep files where it is to.
    ///
    /// # Errors
    /// Where it is a native one, which is given no place of its own.
    pub fn state_fits(&self) -> Result<(), PlanError> {
        if self.file.kind() != Kind::Component && self.grants.iter().any(|name| name.as_str() == STATE) {
            return Err(PlanError::State { plugin: self.name.clone() });
        }
        Ok(())
    }

    /// A provider gets nothing by requiring it.
    fn check_grants(&self) -> Result<(), PlanError> {
        self.state_fits()?;
        match self.file.manifest().requires.iter().find(|name| !self.grants.contains(name)) {
            Some(name) => Err(PlanError::NotGranted { plugin: self.name.clone(), name: name.clone() }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
