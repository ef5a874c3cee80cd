//! The configuration of a provider.

use capnp::Error;
use schemars::{JsonSchema, schema_for};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The configuration of a provider that has none.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
pub struct NoConfig {}

/// Reads a configuration, a JSON object; an empty text is an empty object.
///
/// # Errors
/// `failed`, naming the key where it does not fit, or that nobody knows.
pub(crate) fn read<C: DeserializeOwned>(text: &str) -> capnp::Result<C> {
    let text = if text.trim().is_empty() { "{}" } else { text };
    let mut unknown = Vec::new();
    let mut json = serde_json::Deserializer::from_str(text);
    let mut ignored = |path: serde_ignored::Path<'_>| unknown.push(path.to_string());
    let noting = serde_ignored::Deserializer::new(&mut json, &mut ignored);
    let config = serde_path_to_error::deserialize(noting).map_err(misfit)?;
    match unknown.first() {
        None => Ok(config),
        Some(key) => Err(Error::failed(format!("unknown key '{key}' in its configuration"))),
    }
}

fn misfit(error: serde_path_to_error::Error<serde_json::Error>) -> Error {
    let path = error.path().to_string();
    let text = error.inner().to_string();
    // The position is one in a text that nobody wrote by hand.
    let text = text.split(" at line ").next().unwrap_or_default();
    Error::failed(match path.as_str() {
        "." => format!("{text} in its configuration"),
        key => format!("key '{key}' in its configuration: {text}"),
    })
}

/// The JSON schema of a configuration.
pub(crate) fn schema<C: JsonSchema>() -> String {
    // Serializing a value that is JSON already cannot fail.
    serde_json::to_string(&schema_for!(C)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[derive(Debug, Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only read")]
    struct Config {
        /// Where it keeps its data.
        path: PathBuf,
        #[serde(default)]
        cache: Cache,
    }

    #[derive(Debug, Default, Deserialize, JsonSchema)]
    #[serde(default)]
    struct Cache {
        bytes: u32,
    }

    fn error(text: &str) -> String {
        read::<Config>(text).unwrap_err().extra
    }

    #[test]
    fn what_does_not_fit_is_named() {
        assert_eq!(error(""), "missing field `path` in its configuration");
        assert_eq!(error(r#"{"path":"a","pth":1}"#), "unknown key 'pth' in its configuration");
        assert_eq!(error(r#"{"path":"a","cache":{"size":1}}"#), "unknown key 'cache.size' in its configuration");
        let text = error(r#"{"path":"a","cache":{"bytes":"many"}}"#);
        assert!(text.starts_with("key 'cache.bytes' in its configuration: invalid type: string \"many\""), "{text}");
        assert!(read::<Config>(r#"{"path":"a"}"#).is_ok());
        assert!(read::<NoConfig>("").is_ok());
    }

    #[test]
    fn a_schema_tells_keys_and_what_they_are() {
        let schema = schema::<Config>();
        assert!(schema.contains("Where it keeps its data.") && schema.contains(r#""required":["path"]"#), "{schema}");
    }
}
