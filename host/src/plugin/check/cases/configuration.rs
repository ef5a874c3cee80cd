//! Configurations that do not fit.

use serde_json::{Value, json};

use super::super::outcome::{Found, Outcome, failed};
use super::super::subject::Subject;
use super::{manifest, schema};

/// A key that no provider has.
const NO_KEY: &str = "no-such-key-of-ww-plugin-check";

/// A key that is not known is an error that names it.
pub(in crate::plugin::check) async fn unknown_key(subject: &Subject) -> Found<()> {
    refuses(subject, NO_KEY, json!(1), "is not known").await
}

/// A value of a type that is not the key's is an error that names the key.
pub(in crate::plugin::check) async fn wrong_type(subject: &Subject) -> Found<()> {
    let violations = match manifest::schema(&subject.start()?).await? {
        Some(schema) => schema::violations(&schema),
        None => Vec::new(),
    };
    if violations.is_empty() {
        let why = "the schema of its configuration has no key whose type could be violated";
        return Err(Outcome::NotApplicable(why.to_owned()));
    }
    for (key, value) in violations {
        refuses(subject, &key, value, "has another type").await?;
    }
    Ok(())
}

/// That an instance is not opened with this key added to what the operator configured, and that the error names it.
async fn refuses(subject: &Subject, key: &str, value: Value, why: &str) -> Found<()> {
    let mut config = subject.config.clone();
    let shown = value.to_string();
    config.insert(key.to_owned(), value);
    let fresh = subject.start()?;
    let opened = fresh.open(&config, subject.grants()).await;
    subject.note(&fresh);
    match opened {
        Err(error) if error.extra.contains(key) => Ok(()),
        Err(error) => failed(format!("the error for the key '{key}', which {why}, does not name it: {}", error.extra)),
        Ok(_) => failed(format!("it opens with the key '{key}' = {shown}, which {why}")),
    }
}
