//! The name of a plugin, and all that is named after it.

use std::fmt;

use membrane::Name;

use super::super::name::{MAX_LENGTH, RESERVED};
use super::super::template::{self, NAME, PLUGIN};
use super::Error;

/// The other packages of a project are called `NAME-api` and `NAME-guest`.
const OTHERS: [&str; 2] = ["-api", "-guest"];

/// As long as all of them are names of packages.
const LONGEST: usize = MAX_LENGTH - "-guest".len();

/// Names that something else has: what every node offers, directories of the project, a module of the provider.
const TAKEN: &[&str] = &["dist", "guest", "host", "target", "tests"];

/// The name of a plugin project: what guests graft, and the name of the provider's package.
#[derive(Debug)]
pub(super) struct PluginName {
    /// As it was chosen: `my-kv`.
    name: String,
    /// As a crate: `my_kv`.
    pub krate: String,
    /// As an interface: `MyKv`.
    pub interface: String,
    /// The module of the interface's bindings: `my_kv`.
    module: String,
}

impl PluginName {
    pub(super) fn new(name: &str) -> Result<Self, Error> {
        if name.parse::<Name>().is_err() || name.len() > LONGEST {
            return Err(Error::NoPluginName { name: name.to_owned(), longest: LONGEST });
        }
        let interface = interface(name);
        let named =
            Self { name: name.to_owned(), krate: name.replace('-', "_"), module: module(&interface), interface };
        let means_something = |name: &str| RESERVED.contains(&name) || TAKEN.contains(&name);
        let packages = OTHERS.iter().map(|end| format!("{name}{end}")).chain([name.to_owned()]);
        if [name, &named.krate, &named.module].into_iter().any(means_something)
            || packages.into_iter().any(|package| is_used(&package))
        {
            return Err(Error::TakenPluginName(name.to_owned()));
        }
        Ok(named)
    }

    /// The placeholders of the template, with what they stand for.
    pub(super) fn placeholders(&self) -> [(&'static str, &str); 4] {
        [(NAME, &self.name), ("{{crate}}", &self.krate), ("{{Name}}", &self.interface), ("{{module}}", &self.module)]
    }
}

impl fmt::Display for PluginName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)
    }
}

/// Whether the project depends on a package whose crate has this name, too.
fn is_used(package: &str) -> bool {
    [package.to_owned(), package.replace('_', "-"), package.replace('-', "_")]
        .iter()
        .any(|it| template::uses(PLUGIN, it))
}

/// `my-kv` as schemas write types: `MyKv`.
pub(super) fn interface(name: &str) -> String {
    let words = name.split(['-', '_']).filter_map(|word| Some((word.get(..1)?, word.get(1..)?)));
    words.flat_map(|(first, rest)| [first.to_ascii_uppercase(), rest.to_owned()]).collect()
}

/// `MyKv` as bindings write it. It is another name than the crate's where a word begins with a digit.
fn module(interface: &str) -> String {
    let mut module = String::new();
    for letter in interface.chars() {
        if letter.is_ascii_uppercase() && !module.is_empty() {
            module.push('_');
        }
        module.push(letter.to_ascii_lowercase());
    }
    module
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_names_follow_from_one() -> Result<(), Error> {
        for (name, krate, interface, module) in [
            ("tally", "tally", "Tally", "tally"),
            ("my-kv", "my_kv", "MyKv", "my_kv"),
            ("my_kv", "my_kv", "MyKv", "my_kv"),
            ("kv-2", "kv_2", "Kv2", "kv2"),
            ("a--b-", "a__b_", "AB", "a_b"),
        ] {
            let named = PluginName::new(name)?;
            assert_eq!((&*named.krate, &*named.interface, &*named.module), (krate, interface, module));
        }
        assert!(PluginName::new(&"a".repeat(LONGEST)).is_ok());
        Ok(())
    }

    #[test]
    fn other_names_are_refused() {
        for name in ["", "2kv", "Kv", "a b", "é", "-a", "a.b", &"a".repeat(LONGEST + 1)] {
            assert!(matches!(PluginName::new(name), Err(Error::NoPluginName { .. })), "{name}");
        }
        for name in ["fn", "mod-", "core", "guest", "host", "tests", "capnp", "ww", "ww-plugin", "ww_plugin"] {
            assert!(matches!(PluginName::new(name), Err(Error::TakenPluginName(_))), "{name}");
        }
    }
}
