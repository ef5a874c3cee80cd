//! The crate of a plugin's interface, as far as a guest that uses it has to know it.

use std::fs;
use std::path::{Component, Path, PathBuf};

use toml::{Table, Value};

use super::{Error, File, SDK_DIR, sdk, template};

/// The template whose files take the place of those of a guest.
const TEMPLATE: &str = template::API;

/// How the files of bindings end.
const BINDINGS: &str = "_capnp.rs";

/// The crate of an interface.
pub(super) struct Api {
    /// Its folder.
    folder: PathBuf,
    /// The name of its package.
    pub package: String,
    /// Its name in code.
    krate: String,
    /// What guests graft.
    capability: String,
    interface: Interface,
}

/// An interface, as its bindings have it.
#[derive(Debug, PartialEq, Eq)]
struct Interface {
    /// The module of all bindings of its schema.
    schema: String,
    /// Its own module in there.
    module: String,
    /// Its methods.
    methods: Vec<String>,
}

impl Api {
    /// Reads the crate in `folder`.
    ///
    /// # Errors
    /// Where it is no crate, or has no bindings of an interface.
    pub(super) fn read(folder: &Path) -> Result<Self, Error> {
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).map_err(|_| Error::NoApi(folder.to_owned()))?;
        let manifest: Table = manifest.parse().map_err(|_| Error::NoApi(folder.to_owned()))?;
        let named = |table: &str| manifest.get(table)?.get("name")?.as_str();
        let package = named("package").ok_or_else(|| Error::NoApi(folder.to_owned()))?.to_owned();
        let krate = named("lib").unwrap_or(&package).replace('-', "_");
        let capability =
            ["-api", "_api"].iter().find_map(|end| package.strip_suffix(end)).unwrap_or(&package).to_owned();
        let interface = interface(folder, &capability).ok_or_else(|| Error::NoInterface(folder.to_owned()))?;
        Ok(Self { folder: folder.to_owned(), package, krate, capability, interface })
    }

    /// Makes of the files of a guest those of one that uses the interface.
    ///
    /// # Errors
    /// Where the project or the crate has no place.
    pub(super) fn apply(&self, project: &Path, files: &mut Vec<File>) -> Result<(), Error> {
        let methods = self.interface.methods.iter().map(|method| format!("`{method}`")).collect::<Vec<_>>().join(", ");
        let path = format!("{}::{}::{}", self.krate, self.interface.schema, self.interface.module);
        let values = [
            ("{{capability}}", self.capability.as_str()),
            ("{{api}}", &self.package),
            ("{{path}}", &path),
            ("{{module}}", &self.interface.module),
            ("{{methods}}", &methods),
            ("{{method}}", self.interface.methods.first().map_or("", String::as_str)),
        ];
        let own = template::files(TEMPLATE, &values);
        files.retain(|file| own.iter().all(|own| own.path != file.path));
        files.extend(own);
        for file in files.iter_mut().filter(|file| file.path == "Cargo.toml") {
            file.bytes = self.manifest(project, &String::from_utf8_lossy(&file.bytes))?.into_bytes();
        }
        Ok(())
    }

    /// The manifest of a guest, with the crate among its dependencies. Where that has a part of an SDK, the guest has the rest
    /// from there: with one of its own, there would be two of the same types.
    fn manifest(&self, project: &Path, manifest: &str) -> Result<String, Error> {
        let dependency = |path: PathBuf| Value::from(path.to_string_lossy().into_owned());
        let api = dependency(relative(project, &self.folder)?);
        let api = format!("[dependencies]\n{} = {{ path = {api} }}", self.package);
        let mut manifest = manifest.replacen("[dependencies]", &api, 1);
        if let Some(home) = self.sdk() {
            let theirs = relative(project, &home)?.join(SDK_DIR);
            manifest = manifest.replacen(SDK_DIR, &theirs.to_string_lossy(), 1);
        }
        Ok(manifest)
    }

    /// The project whose unpacked SDK the crate depends on.
    pub(super) fn sdk(&self) -> Option<PathBuf> {
        sdk::home(&self.folder)
    }
}

/// The interface that is called like the capability, else the first of all.
fn interface(folder: &Path, capability: &str) -> Option<Interface> {
    let mut names: Vec<_> =
        fs::read_dir(folder.join("src")).ok()?.filter_map(|entry| Some(entry.ok()?.file_name())).collect();
    names.sort();
    let mut found = Vec::new();
    for name in names.iter().filter_map(|name| name.to_str()?.strip_suffix(".rs").filter(|_| is_bindings(name))) {
        let text = fs::read_to_string(folder.join("src").join(name).with_extension("rs")).ok()?;
        found.extend(interfaces(name, &text));
    }
    let letters = |name: &str| name.replace(['-', '_'], "");
    let best = found.iter().position(|interface| letters(&interface.module) == letters(capability));
    let best = best.or_else(|| (!found.is_empty()).then_some(0))?;
    Some(found.swap_remove(best))
}

fn is_bindings(name: &std::ffi::OsStr) -> bool {
    name.to_str().is_some_and(|name| name.ends_with(BINDINGS))
}

/// The interfaces in bindings, by their modules, which begin at the start of a line. Those without a method cannot be called.
fn interfaces(schema: &str, text: &str) -> Vec<Interface> {
    let mut found: Vec<Interface> = Vec::new();
    for line in text.lines() {
        if let Some(module) = line.strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(" {")) {
            found.push(Interface { schema: schema.to_owned(), module: module.to_owned(), methods: Vec::new() });
        }
        let method = line.trim_start().strip_prefix("pub fn ").and_then(|rest| rest.split_once("_request("));
        if let (Some((method, _)), Some(interface)) = (method, found.last_mut()) {
            interface.methods.push(method.to_owned());
        }
    }
    found.retain(|interface| !interface.methods.is_empty());
    found
}

/// How a directory that exists is reached from one that need not. Symbolic links are followed first, since `..` does.
fn relative(from: &Path, to: &Path) -> Result<PathBuf, Error> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Place { path, source }
    };
    let (from, to) = (real(from).map_err(failed(from))?, to.canonicalize().map_err(failed(to))?);
    let shared = from.components().zip(to.components()).take_while(|(one, other)| one == other).count();
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    Ok(up.chain(to.components().skip(shared)).collect())
}

/// The path without symbolic links, as far as it exists.
fn real(path: &Path) -> std::io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    let existing = path.ancestors().find(|ancestor| ancestor.exists()).unwrap_or(&path);
    let rest = path.strip_prefix(existing).unwrap_or(Path::new(""));
    Ok(existing.canonicalize()?.join(rest).components().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "pub mod entry {\n    pub struct Owned;\n}\n\npub mod kv {\n    impl Client {\n        \
        pub fn get_request(&self) -> X {\n        }\n        pub fn put_request(\n            &self,\n}\n\npub mod my_kv {\n  \
        pub fn x_request(&self)\n}\n";

    #[test]
    fn interfaces_are_found_in_bindings() {
        let interface = |module: &str, methods: &[&str]| Interface {
            schema: "kv_capnp".to_owned(),
            module: module.to_owned(),
            methods: methods.iter().map(|method| (*method).to_owned()).collect(),
        };
        assert_eq!(interfaces("kv_capnp", TEXT), [interface("kv", &["get", "put"]), interface("my_kv", &["x"])]);
        assert!(interfaces("kv_capnp", "").is_empty());
    }

    #[test]
    fn the_interface_that_is_called_like_the_capability_is_taken() -> Result<(), Box<dyn std::error::Error>> {
        let place = tempfile::tempdir()?;
        assert_eq!(interface(place.path(), "kv"), None);
        fs::create_dir(place.path().join("src"))?;
        assert_eq!(interface(place.path(), "kv"), None);
        fs::write(place.path().join("src/kv_capnp.rs"), TEXT)?;
        for (capability, module) in [("kv", "kv"), ("my-kv", "my_kv"), ("other", "kv")] {
            assert_eq!(interface(place.path(), capability).map(|it| it.module).as_deref(), Some(module));
        }
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn ways_lead_through_links() -> Result<(), Box<dyn std::error::Error>> {
        let place = tempfile::tempdir()?;
        fs::create_dir_all(place.path().join("far/away"))?;
        fs::create_dir(place.path().join("api"))?;
        std::os::unix::fs::symlink("far/away", place.path().join("near"))?;
        let way = |from: &str| relative(&place.path().join(from), &place.path().join("api"));
        assert_eq!(way("new/deep")?, Path::new("../../api"));
        assert_eq!(way("near/new")?, Path::new("../../../api"));
        assert_eq!(way("api")?, Path::new(""));
        assert!(relative(place.path(), &place.path().join("absent")).is_err());
        Ok(())
    }
}
