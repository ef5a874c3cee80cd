//! The shape of a configuration file. A key that is not known is an error: a misspelt one would otherwise widen or narrow
//! in silence what somebody is granted.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use membrane::Name;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use toml::Spanned;
use ww_cell::limits::CALLS;

use super::error::SettingsError;
use super::json;
use super::{GuestSettings, PluginSettings, Settings};
use crate::plugin::component::ComponentLimits;
use crate::plugin::file::Sha256;
use crate::quantity::{Memory, Size, Time};

#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Document {
    plugins: BTreeMap<Key, Plugin>,
    guest: Guest,
}

#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Plugin {
    path: Option<PathBuf>,
    sha256: Option<Quantity<Sha256>>,
    config: Option<Spanned<toml::Table>>,
    grants: Vec<Key>,
    memory: Option<Quantity<Memory>>,
    cpu: Option<Quantity<Time>>,
    pause: Option<Quantity<Time>>,
    calls: Option<Spanned<i64>>,
    answer: Option<Quantity<Time>>,
    disk: Option<Quantity<Size>>,
}

impl Plugin {
    fn limits(&self, place: &Place<'_>) -> Result<ComponentLimits, SettingsError> {
        Ok(ComponentLimits {
            memory: self.memory.as_ref().map(|it| it.0.0),
            cpu: self.cpu.as_ref().map(|it| it.0.0),
            pause: self.pause.as_ref().map(|it| it.0.0),
            calls: self.calls.as_ref().map(|calls| place.calls(calls)).transpose()?,
            answer: self.answer.as_ref().map(|it| it.0.0),
            disk: self.disk.as_ref().map(|it| it.0.0),
        })
    }
}

#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Guest {
    grants: Option<Vec<Key>>,
    deny: Vec<Key>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key(Name);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(Text(PhantomData)).map(Self)
    }
}

/// A value that is written as a text.
struct Quantity<T>(T);

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Quantity<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(Text(PhantomData)).map(Self)
    }
}

/// Reads a text as a `T`. Where it is none, the parser knows its place only if a visitor says so.
struct Text<T>(PhantomData<T>);

impl<T: FromStr<Err: Display>> Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

pub(super) fn parse(path: &Path, text: &str) -> Result<Settings, SettingsError> {
    let place = Place { path, text };
    let document: Document = toml::from_str(text).map_err(|error| place.wrong(error.span(), error.message()))?;
    let mut settings = Settings { file: Some(path.to_owned()), ..Settings::default() };
    for (Key(name), plugin) in document.plugins {
        let limits = plugin.limits(&place)?;
        let config = plugin.config.map(|table| place.json(table)).transpose()?.unwrap_or_default();
        let sha256 = plugin.sha256.map(|Quantity(digest)| digest);
        let plugin = PluginSettings {
            path: plugin.path.map(|it| place.file(&it)),
            sha256,
            config,
            grants: names(plugin.grants),
            limits,
        };
        settings.plugins.insert(name, plugin);
    }
    let Guest { grants, deny } = document.guest;
    settings.guest = GuestSettings { grants: grants.map(names), deny: names(deny) };
    Ok(settings)
}

fn names(keys: Vec<Key>) -> Vec<Name> {
    keys.into_iter().map(|Key(name)| name).collect()
}

/// A configuration file, for what is wrong with it.
struct Place<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Place<'_> {
    /// A relative path is one from the file's own folder, wherever `ww` is started.
    fn file(&self, path: &Path) -> PathBuf {
        self.path.parent().map_or_else(|| path.to_owned(), |folder| folder.join(path))
    }

    fn calls(&self, calls: &Spanned<i64>) -> Result<usize, SettingsError> {
        let fits = usize::try_from(*calls.get_ref()).ok().filter(|calls| (1..=CALLS).contains(calls));
        fits.ok_or_else(|| self.wrong(Some(calls.span()), &format!("calls is from 1 to {CALLS}")))
    }

    fn json(&self, table: Spanned<toml::Table>) -> Result<json::Object, SettingsError> {
        let span = table.span();
        json::object(table.into_inner()).map_err(|error| self.wrong(Some(span), &error.to_string()))
    }

    fn wrong(&self, span: Option<std::ops::Range<usize>>, message: &str) -> SettingsError {
        let before = self.text.get(..span.map_or(0, |span| span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        SettingsError::Wrong { path: self.path.to_owned(), line, column, message: message.to_owned() }
    }
}
