use serde_json::{Value, json};

use super::*;

fn whole() -> Value {
    json!({
        "contract": 1, "name": "kv", "version": "0.1.0", "description": "Keys and values.",
        "interface": "0x9f1c0e0d5b7a2c11", "roles": ["command", "content:/kv/", "epochSource", "of:later"],
        "requires": ["cells"], "panic": "unwind",
    })
}

/// The whole one with one key changed, as it is refused.
fn refused(key: &str, value: Value) -> String {
    let mut manifest = whole();
    manifest[key] = value;
    let parsed = Manifest::parse(manifest.to_string().as_bytes());
    parsed.err().unwrap_or_else(|| panic!("{manifest} was taken")).to_string()
}

#[test]
fn what_the_sdk_writes_is_read() {
    let mut text = whole();
    text["of-a-newer-sdk"] = json!({"any": ["thing"]});
    let manifest = Manifest::parse(text.to_string().as_bytes()).expect("a manifest");
    assert_eq!(manifest.name.as_str(), "kv");
    assert_eq!((manifest.version.as_str(), manifest.description.as_str()), ("0.1.0", "Keys and values."));
    assert_eq!((manifest.interface, manifest.panic), (0x9f1c_0e0d_5b7a_2c11, Panic::Unwind));
    let other = Role::Other("of:later".to_owned());
    assert_eq!(manifest.roles, [Role::Command, Role::Content("/kv/".to_owned()), Role::EpochSource, other]);
    let roles: Vec<String> = manifest.roles.iter().map(Role::to_string).collect();
    assert_eq!(roles, ["command", "content:/kv/", "epochSource", "of:later"]);
    assert_eq!(manifest.requires.iter().map(Name::as_str).collect::<Vec<_>>(), ["cells"]);
}

#[test]
fn a_missing_key_is_named() {
    for key in ["contract", "name", "version", "description", "interface", "roles", "requires", "panic"] {
        let mut manifest = whole();
        manifest.as_object_mut().expect("an object").remove(key);
        let error = Manifest::parse(manifest.to_string().as_bytes()).expect_err(key).to_string();
        assert_eq!(error, format!("section ww.manifest: '{key}' is missing"));
    }
}

#[test]
fn a_malformed_key_is_named() {
    let many: Vec<String> = (0..=MAX_ENTRIES).map(|index| format!("c{index}")).collect();
    for (key, value) in [
        ("contract", json!("1")),
        ("contract", json!(1.5)),
        ("contract", json!(1_u64 << 32)),
        ("name", json!("KV")),
        ("name", json!(7)),
        ("name", json!("k".repeat(65))),
        ("version", json!("1\u{1b}[31m")),
        ("version", json!("v".repeat(MAX_VERSION_BYTES + 1))),
        ("description", json!("two\nlines")),
        ("description", json!("d".repeat(MAX_DESCRIPTION_BYTES + 1))),
        ("interface", json!("9f1c")),
        ("interface", json!("0x")),
        ("interface", json!("0x+1")),
        ("interface", json!("0x19f1c0e0d5b7a2c11")),
        ("roles", json!("command")),
        ("roles", json!(["content"])),
        ("roles", json!(["content:/ipfs"])),
        ("roles", json!(["content://"])),
        ("roles", json!(["content:/../"])),
        ("roles", json!([""])),
        ("roles", json!([1])),
        ("roles", json!(["r".repeat(257)])),
        ("requires", json!(["Cells"])),
        ("requires", json!(many)),
        ("panic", json!("loud")),
    ] {
        let error = refused(key, value.clone());
        assert!(error.starts_with(&format!("section ww.manifest: '{key}' ")), "{value}: {error}");
    }
}

#[test]
fn another_contract_is_told_apart_before_the_rest_is_read() {
    for (text, parts) in [
        (r#"{"contract":2}"#, ["contract 2", "this ww has contract 1: update ww"]),
        (r#"{"contract":0,"name":[],"roles":"none"}"#, ["contract 0", "this ww has contract 1: build it again"]),
    ] {
        let error = Manifest::parse(text.as_bytes()).expect_err(text);
        assert!(matches!(error, ManifestError::Contract { .. }), "{error}");
        assert!(parts.iter().all(|part| error.to_string().contains(part)), "{error}");
    }
}

#[test]
fn what_is_no_object_is_refused() {
    let long = format!("{{\"contract\":1,\"x\":\"{}\"}}", "x".repeat(MAX_BYTES));
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for text in ["", "[]", "1", "{", "{} {}", "\u{0}", &long, &deep] {
        let error = Manifest::parse(text.as_bytes()).expect_err("no manifest").to_string();
        assert!(error.starts_with("section ww.manifest ") && error.len() < 200, "{error}");
    }
    assert!(Manifest::parse(b"{\"name\":\"\xff\"}").is_err());
}
