//! What a JSON schema says of the keys of a configuration.

use serde_json::{Map, Value, json};

/// Keys that have to be there, and are not.
pub(super) fn missing(schema: &Value, config: &Map<String, Value>) -> Vec<String> {
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    required.filter_map(Value::as_str).filter(|key| !config.contains_key(*key)).map(str::to_owned).collect()
}

/// The keys that are of a type, each with a value of none of its types.
pub(super) fn violations(schema: &Value) -> Vec<(String, Value)> {
    let keys = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    keys.filter_map(|(key, said)| Some((key.clone(), of_another_type(said.get("type")?)?))).collect()
}

/// A value of none of these types: a name, or a list of names.
fn of_another_type(types: &Value) -> Option<Value> {
    let has = |name: &str| match types {
        Value::String(only) => only == name,
        Value::Array(several) => several.iter().any(|it| it == name),
        // Whatever that is.
        _ => true,
    };
    let others = [("string", json!("a text")), ("object", json!({})), ("number", json!(1.5)), ("boolean", json!(true))];
    others.into_iter().find(|(name, _)| !has(name)).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_is_of_no_type_that_is_allowed() {
        let schema = json!({"properties": {
            "a": {"type": "string"}, "b": {"type": ["string", "object"]}, "c": {"type": "integer"}, "d": {"$ref": "#/x"},
            "e": {"type": ["string", "object", "number", "boolean"]}, "f": {},
        }});
        let expected = [("a", json!({})), ("b", json!(1.5)), ("c", json!("a text"))];
        assert_eq!(violations(&schema), expected.map(|(key, value)| (key.to_owned(), value)));
        assert_eq!(violations(&json!({})), []);
    }

    #[test]
    fn what_is_required_and_not_given_is_missing() {
        let schema = json!({"required": ["a", "b"]});
        let config = json!({"b": 1}).as_object().cloned().unwrap_or_default();
        assert_eq!(missing(&schema, &config), ["a"]);
        assert!(missing(&json!({}), &config).is_empty());
    }
}
