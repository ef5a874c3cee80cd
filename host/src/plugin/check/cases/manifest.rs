//! What the plugin says of itself while it runs.

use capnp::Error;
use serde_json::Value;
use ww_capnp::provider_capnp::manifest;

use super::super::instance::{Fresh, within};
use super::super::outcome::{Found, Outcome, failed};
use super::super::subject::Subject;
use crate::plugin::Manifest;
use crate::plugin::provider::DEADLINE;

/// The section of the file agrees with what the instance says, and the schema of its configuration is JSON.
pub(in crate::plugin::check) async fn agrees(subject: &Subject) -> Found<()> {
    let (rows, schema) = ask(&subject.start()?, |said| Ok((rows(said)?, schema_of(said)?))).await?;
    for ((what, running), filed) in rows.into_iter().zip(filed(&subject.manifest)) {
        if running != filed {
            return failed(format!("{what}: its file says {filed:?}, and when it runs it says {running:?}"));
        }
    }
    schema.map(drop)
}

/// The schema of its configuration; none where it says none.
pub(in crate::plugin::check) async fn schema(fresh: &Fresh) -> Found<Option<Value>> {
    ask(fresh, schema_of).await?
}

async fn ask<T>(fresh: &Fresh, read: impl FnOnce(manifest::Reader<'_>) -> Result<T, Error>) -> Found<T> {
    let answer = within(DEADLINE, fresh.provider.manifest_request().send().promise).await;
    let read = answer.and_then(|answer| read(answer.get()?.get_manifest()?));
    read.map_err(|error| Outcome::fails("manifest", &error))
}

/// What is there twice.
fn rows(said: manifest::Reader<'_>) -> Result<[(&'static str, String); 7], Error> {
    let list = |list: capnp::text_list::Reader<'_>| {
        let texts = list.iter().map(|text| Ok(text?.to_string()?)).collect::<Result<Vec<_>, Error>>()?;
        Ok::<_, Error>(texts.join(", "))
    };
    Ok([
        ("contract", said.get_contract().to_string()),
        ("name", said.get_name()?.to_string()?),
        ("version", said.get_version()?.to_string()?),
        ("description", said.get_description()?.to_string()?),
        ("interface", format!("{:#018x}", said.get_interface_id())),
        ("roles", list(said.get_roles()?)?),
        ("requires", list(said.get_requires()?)?),
    ])
}

/// The same of the file.
fn filed(manifest: &Manifest) -> [String; 7] {
    let Manifest { contract, name, version, description, interface, roles, requires, panic: _ } = manifest;
    [
        contract.to_string(),
        name.to_string(),
        version.clone(),
        description.clone(),
        format!("{interface:#018x}"),
        joined(roles),
        joined(requires),
    ]
}

fn joined<T: ToString>(entries: &[T]) -> String {
    entries.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}

fn schema_of(said: manifest::Reader<'_>) -> Result<Found<Option<Value>>, Error> {
    let text = said.get_config_schema()?.to_str()?;
    if text.trim().is_empty() {
        return Ok(Ok(None));
    }
    Ok(match serde_json::from_str(text) {
        Ok(schema @ Value::Object(_)) => Ok(Some(schema)),
        Ok(_) => failed("the schema of its configuration is no JSON object"),
        Err(error) => failed(format!("the schema of its configuration is no JSON: {error}")),
    })
}
