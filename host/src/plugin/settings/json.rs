//! TOML as JSON, in which a plugin gets its configuration.

use serde_json::{Map, Number, Value};

/// A table.
pub(super) type Object = Map<String, Value>;

/// A number that JSON does not have.
#[derive(Debug, thiserror::Error)]
#[error("{0} is no number that a plugin can be given")]
pub(super) struct NoNumber(f64);

pub(super) fn object(table: toml::Table) -> Result<Object, NoNumber> {
    table.into_iter().map(|(key, value)| Ok((key, json(value)?))).collect()
}

/// A time becomes a text: JSON has none.
pub(super) fn json(value: toml::Value) -> Result<Value, NoNumber> {
    Ok(match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => Value::Number(Number::from_f64(number).ok_or(NoNumber(number))?),
        toml::Value::Boolean(flag) => Value::Bool(flag),
        toml::Value::Datetime(time) => Value::String(time.to_string()),
        toml::Value::Array(entries) => Value::Array(entries.into_iter().map(json).collect::<Result<_, _>>()?),
        toml::Value::Table(table) => Value::Object(object(table)?),
    })
}
