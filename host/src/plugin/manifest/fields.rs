//! The keys of a manifest: each is there and right, or an error that names it.

use membrane::Name;
use serde_json::{Map, Value};

use super::error::ManifestError;
use super::{MAX_BYTES, MAX_ENTRIES, Panic};

type Result<T> = std::result::Result<T, ManifestError>;

/// The object of a section. Each key is taken once.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    pub(super) fn parse(section: &[u8]) -> Result<Self> {
        if section.len() > MAX_BYTES {
            return Err(ManifestError::TooLong(section.len()));
        }
        match serde_json::from_slice(section) {
            Ok(Value::Object(map)) => Ok(Self(map)),
            Ok(_) => Err(ManifestError::NotAnObject("it is a value of another kind".to_owned())),
            Err(error) => Err(ManifestError::NotAnObject(error.to_string())),
        }
    }

    pub(super) fn number(&mut self, key: &'static str) -> Result<u32> {
        let number = self.take(key)?.as_u64().and_then(|number| u32::try_from(number).ok());
        number.ok_or_else(|| malformed(key, "a number that fits 32 bits"))
    }

    pub(super) fn name(&mut self, key: &'static str) -> Result<Name> {
        let text = self.text(key)?;
        text.parse().map_err(|_| malformed(key, "1 to 64 of a-z, 0-9, - and _, starting with a letter"))
    }

    /// A text of one line: it is printed as it is.
    pub(super) fn line(&mut self, key: &'static str, longest: usize) -> Result<String> {
        let text = self.text(key)?;
        if text.len() <= longest && !text.chars().any(char::is_control) {
            return Ok(text);
        }
        Err(malformed(key, &format!("one line of at most {longest} bytes")))
    }

    pub(super) fn interface(&mut self, key: &'static str) -> Result<u64> {
        let text = self.text(key)?;
        let digits = text.strip_prefix("0x").filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let id = digits.and_then(|digits| u64::from_str_radix(digits, 16).ok());
        id.ok_or_else(|| malformed(key, "an id such as \"0x9f1c0e0d5b7a2c11\""))
    }

    pub(super) fn list<T>(&mut self, key: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<Vec<T>> {
        let Value::Array(entries) = self.take(key)? else { return Err(malformed(key, "a list of texts")) };
        if entries.len() > MAX_ENTRIES {
            return Err(ManifestError::TooMany(key));
        }
        let parsed: Option<Vec<T>> = entries.iter().map(|entry| parse(entry.as_str()?)).collect();
        parsed.ok_or_else(|| malformed(key, &format!("a list of {key} that are well-formed")))
    }

    pub(super) fn panic(&mut self, key: &'static str) -> Result<Panic> {
        let text = self.text(key)?;
        let known = [Panic::Unwind, Panic::Abort].into_iter().find(|panic| panic.as_str() == text);
        known.ok_or_else(|| malformed(key, "\"unwind\" or \"abort\""))
    }

    fn text(&mut self, key: &'static str) -> Result<String> {
        match self.take(key)? {
            Value::String(text) => Ok(text),
            _ => Err(malformed(key, "a text")),
        }
    }

    fn take(&mut self, key: &'static str) -> Result<Value> {
        self.0.remove(key).ok_or(ManifestError::Missing(key))
    }
}

fn malformed(key: &'static str, expected: &str) -> ManifestError {
    ManifestError::Malformed { key, expected: expected.to_owned() }
}
