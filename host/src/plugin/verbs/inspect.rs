//! The verb `ww plugin inspect`.

use serde_json::{Value, json};

use super::{Error, listed, texts};
use crate::cli::InspectArgs;
use crate::plugin::file::{Kind, PluginFile};
use crate::plugin::{Manifest, library};
use crate::report;

pub(super) fn inspect(args: &InspectArgs) -> Result<(), Error> {
    let file = PluginFile::read(&args.file)?;
    let text = if args.json { format!("{:#}", object(&file)) } else { table(&file) };
    report::show(&text).map_err(Error::Output)
}

/// Why this `ww` would not load it, where it would not.
fn refusal(file: &PluginFile) -> Option<String> {
    library::loadable(file).err().map(|fault| fault.to_string())
}

fn kind(file: &PluginFile) -> String {
    match file.kind() {
        Kind::Native(machine) => format!("native, for {machine}"),
        Kind::Component => "component".to_owned(),
    }
}

fn table(file: &PluginFile) -> String {
    let Manifest { contract, name, version, description, interface, roles, requires, panic } = file.manifest();
    let rows = [
        ("file", file.path().display().to_string()),
        ("kind", kind(file)),
        ("name", name.to_string()),
        ("version", version.clone()),
        ("description", description.clone()),
        ("contract", contract.to_string()),
        ("interface", format!("{interface:#018x}")),
        ("roles", listed(roles)),
        ("requires", listed(requires)),
        ("panic", panic.as_str().to_owned()),
        ("sealed", if file.is_sealed() { "yes" } else { "no; `ww plugin seal` does it" }.to_owned()),
        ("sha256", file.sha256().to_string()),
        ("loads", refusal(file).map_or_else(|| "yes".to_owned(), |why| format!("no: it {why}"))),
    ];
    let lines = rows.map(|(key, value)| format!("{key:<11}  {value}").trim_end().to_owned());
    lines.join("\n")
}

fn object(file: &PluginFile) -> Value {
    let Manifest { contract, name, version, description, interface, roles, requires, panic } = file.manifest();
    let (kind, machine) = match file.kind() {
        Kind::Native(machine) => ("native", Some(machine.to_string())),
        Kind::Component => ("component", None),
    };
    json!({
        "file": file.path().to_string_lossy(),
        "bytes": file.bytes().len(),
        "kind": kind,
        "machine": machine,
        "contract": contract,
        "name": name.as_str(),
        "version": version,
        "description": description,
        "interface": format!("{interface:#018x}"),
        "roles": texts(roles),
        "requires": texts(requires),
        "panic": panic.as_str(),
        "sealed": file.is_sealed(),
        "sha256": file.sha256().to_string(),
        "refused": refusal(file),
    })
}
