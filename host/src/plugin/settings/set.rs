//! `--set NAME.KEY=VALUE`: one value of a plugin's configuration.

use std::fmt;
use std::str::FromStr;

use membrane::Name;
use serde_json::{Map, Value};

use super::json;

/// Keys in each other. Deeper ones can be said in the file.
const MAX_DEPTH: usize = 16;

/// One value of a plugin's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The plugin.
    pub plugin: Name,
    /// The key, from the outermost table inwards; not empty.
    pub key: Vec<String>,
    /// The value.
    pub value: Value,
}

/// A text that is no assignment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "it has the form NAME.KEY=VALUE, with the name of a plugin and up to {MAX_DEPTH} keys of letters, digits, - and _"
)]
pub struct AssignmentError;

/// A value that stands in the way of another one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("--set {0}: one of the options sets a table, and another one a value in its place")]
pub struct Conflict(String);

impl FromStr for Assignment {
    type Err = AssignmentError;

    fn from_str(text: &str) -> Result<Self, AssignmentError> {
        let (path, value) = text.split_once('=').ok_or(AssignmentError)?;
        let (plugin, key) = path.split_once('.').ok_or(AssignmentError)?;
        let key: Vec<String> = key.split('.').map(str::to_owned).collect();
        if key.len() > MAX_DEPTH || !key.iter().all(|part| is_key(part)) {
            return Err(AssignmentError);
        }
        Ok(Self { plugin: plugin.parse().map_err(|_| AssignmentError)?, key, value: value_of(value) })
    }
}

fn is_key(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !text.is_empty() && text.bytes().all(allowed)
}

/// A TOML value as far as it is one; anything else is a text, so that nobody has to quote twice.
fn value_of(text: &str) -> Value {
    let value = text.parse::<toml::Value>().ok().and_then(|value| json::json(value).ok());
    value.unwrap_or_else(|| Value::String(text.to_owned()))
}

/// Without the value: it may be a secret.
impl fmt::Display for Assignment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.plugin, self.key.join("."))
    }
}

/// What the assignments, all of one plugin, say together. Of two for the same key, the later one wins.
pub(in crate::plugin) fn tree<'a>(
    assignments: impl IntoIterator<Item = &'a Assignment>,
) -> Result<Map<String, Value>, Conflict> {
    let mut tree = Map::new();
    for assignment in assignments {
        let conflict = || Conflict(assignment.to_string());
        let (last, tables) = assignment.key.split_last().ok_or_else(conflict)?;
        let mut table = &mut tree;
        for key in tables {
            let inner = table.entry(key.as_str()).or_insert_with(|| Map::new().into());
            table = inner.as_object_mut().ok_or_else(conflict)?;
        }
        match table.get(last) {
            Some(old) if old.is_object() != assignment.value.is_object() => return Err(conflict()),
            _ => table.insert(last.clone(), assignment.value.clone()),
        };
    }
    Ok(tree)
}

/// Lays one configuration over another: tables are merged, of anything else that of `over` stays.
pub(in crate::plugin) fn merge(base: &mut Map<String, Value>, over: Map<String, Value>) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Value::Object(inner)), Value::Object(value)) => merge(inner, value),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}
