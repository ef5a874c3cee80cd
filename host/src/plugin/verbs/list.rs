//! The verb `ww plugin list`.

use comfy_table::Table;
use comfy_table::presets::NOTHING;
use membrane::Name;
use serde_json::{Value, json};

use super::{Error, listed, texts};
use crate::cli::ListArgs;
use crate::plugin::{Plan, PlanError, Planned};
use crate::report;

/// What stands above the columns.
const HEADER: [&str; 6] = ["NAME", "VERSION", "OPENS", "FROM", "GRANTS", "FILE"];

pub(super) fn list(args: &ListArgs) -> Result<(), Error> {
    let mut plan = args.providers.plan()?;
    plan.complete(&crate::run::offered())?;
    let entries = entries(plan)?;
    let text = if args.json {
        format!("{:#}", Value::Array(entries.iter().map(Entry::object).collect()))
    } else if entries.is_empty() {
        "no plugins; `--plugin FILE` loads one".to_owned()
    } else {
        table(&entries)
    };
    report::show(&text).map_err(Error::Output)
}

/// One line of the list.
enum Entry {
    /// One that opens at start.
    Start(Planned),
    /// A standard one, which opens when something needs it.
    Need(Planned),
    /// A standard one that is not there.
    Missing(Name),
}

fn entries(plan: Plan) -> Result<Vec<Entry>, Error> {
    let mut standard = Vec::new();
    for (name, _) in plan.standard() {
        match plan.find(&name, "") {
            Ok(found) => standard.extend(found.map(Entry::Need)),
            Err(PlanError::NotFound { name, .. }) => standard.push(Entry::Missing(name)),
            Err(error) => return Err(error.into()),
        }
    }
    let entries: Vec<Entry> = plan.plugins.into_iter().map(Entry::Start).chain(standard).collect();
    entries.iter().filter_map(Entry::plugin).try_for_each(Planned::loadable)?;
    Ok(entries)
}

impl Entry {
    fn plugin(&self) -> Option<&Planned> {
        match self {
            Self::Start(plugin) | Self::Need(plugin) => Some(plugin),
            Self::Missing(_) => None,
        }
    }

    fn name(&self) -> &Name {
        match self {
            Self::Start(plugin) | Self::Need(plugin) => &plugin.name,
            Self::Missing(name) => name,
        }
    }

    fn opens(&self) -> &'static str {
        match self {
            Self::Start(_) => "at start",
            Self::Need(_) | Self::Missing(_) => "when needed",
        }
    }

    fn row(&self) -> [String; 6] {
        let (name, opens) = (self.name().to_string(), self.opens().to_owned());
        match self.plugin() {
            Some(plugin) => {
                let (version, file) =
                    (plugin.file.manifest().version.clone(), plugin.file.path().display().to_string());
                [name, version, opens, plugin.origin.to_string(), listed(&plugin.grants), file]
            }
            None => [name, "-".to_owned(), opens, "-".to_owned(), "-".to_owned(), "not found".to_owned()],
        }
    }

    /// Without the configuration: it may hold secrets.
    fn object(&self) -> Value {
        let Some(plugin) = self.plugin() else {
            return json!({"name": self.name().as_str(), "opens": self.opens(), "file": null});
        };
        let manifest = plugin.file.manifest();
        json!({
            "name": self.name().as_str(),
            "opens": self.opens(),
            "file": plugin.file.path().to_string_lossy(),
            "from": plugin.origin.to_string(),
            "version": manifest.version,
            "roles": texts(&manifest.roles),
            "requires": texts(&manifest.requires),
            "grants": texts(&plugin.grants),
            "sealed": plugin.file.is_sealed(),
            "sha256": plugin.file.sha256().to_string(),
        })
    }
}

fn table(entries: &[Entry]) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(HEADER).add_rows(entries.iter().map(Entry::row));
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt()
}
