use std::fs;

use serde_json::json;

use super::*;

/// What a file with this text says.
fn loaded(text: &str) -> (PathBuf, Result<Settings, String>) {
    let place = tempfile::tempdir().expect("a temporary folder");
    let path = place.path().join("ww.toml");
    fs::write(&path, text).expect("a file");
    let settings = Settings::load(Some(&path)).map_err(|error| error.to_string());
    (path, settings)
}

fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

const DIGEST: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

#[test]
fn all_that_can_be_said_is_read() {
    let text = format!(
        "[guest]\ngrants = ['kv', 'host']\ndeny = ['log']\n[plugins.kv]\npath = 'lib/libkv.so'\nsha256 = '{DIGEST}'\n\
         grants = ['cells']\n[plugins.kv.config]\nsize = 3\nratio = 0.5\nat = 2026-01-02T03:04:05Z\n\
         list = [1, 'two', {{ three = true }}]\n[plugins.far]\npath = '/opt/far.so'\n[plugins.bare]\n"
    );
    let (path, settings) = loaded(&text);
    let settings = settings.expect("settings");
    assert_eq!(settings.file.as_ref(), Some(&path));
    assert_eq!(settings.guest.grants, Some(vec![name("kv"), name("host")]));
    assert_eq!(settings.guest.deny, [name("log")]);
    let kv = &settings.plugins["kv"];
    assert_eq!(kv.path, Some(path.with_file_name("lib/libkv.so")), "it is relative to the file");
    assert_eq!((kv.sha256, &*kv.grants), (DIGEST.parse().ok(), [name("cells")].as_slice()));
    let config = json!({
        "size": 3, "ratio": 0.5, "at": "2026-01-02T03:04:05Z", "list": [1, "two", {"three": true}],
    });
    assert_eq!(Value::Object(kv.config.clone()), config);
    assert_eq!(settings.plugins["far"].path, Some("/opt/far.so".into()));
    assert!(settings.plugins["bare"].path.is_none() && settings.plugins["bare"].config.is_empty());
    let (_, empty) = loaded("");
    assert!(empty.is_ok_and(|it| it.plugins.is_empty() && it.guest.grants.is_none()));
    let (_, nothing) = loaded("[guest]\ngrants = []\n");
    assert!(nothing.is_ok_and(|it| it.guest.grants == Some(Vec::new())), "nothing is granted, not all");
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    for (text, place, part) in [
        ("[plugin.kv]\n", "1:2", "unknown field `plugin`, expected `plugins` or `guest`"),
        ("\n[plugins.kv]\npath = 'x'\npaht = 'y'\n", "4:1", "unknown field `paht`"),
        ("[guest]\n  grant = ['kv']\n", "2:3", "unknown field `grant`"),
        ("plugins.kv = { config = {}, sha = '' }\n", "1:29", "unknown field `sha`"),
        ("[plugins.KV]\n", "1:10", "'KV' is no name of a capability"),
        ("[guest]\ndeny = ['a', 'B']\n", "2:14", "'B' is no name of a capability"),
        ("[guest]\ndeny = 'a'\n", "2:8", "expected a sequence"),
        ("[plugins.kv]\nsha256 = 'abc'\n", "2:10", "a SHA-256 digest has 64 hex digits"),
        ("[plugins.kv]\npath = 7\n", "2:8", "invalid type: integer `7`"),
        ("[plugins.kv]\nconfig = 'x'\n", "2:10", "invalid type: string \"x\""),
        ("[plugins.kv.config]\na = [inf]\n", "1:1", "inf is no number"),
        ("[plugins.kv]\n[plugins.kv]\n", "2:10", "duplicate key"),
        ("[plugins.kv]\nmemory = 'lots'\n", "2:10", "`lots` is no size; one looks like 64MiB"),
        ("[plugins.kv]\nmemory = '1KiB'\n", "2:10", "memory is from 64"),
        ("[plugins.kv]\npause = '0s'\n", "2:9", "a time of 0 is over at once"),
        ("[plugins.kv]\nanswer = 5\n", "2:10", "invalid type: integer `5`"),
        ("[plugins.kv]\ncalls = 0\n", "2:9", "calls is from 1 to 8192"),
        ("[plugins.kv]\ncalls = 9000\n", "2:9", "calls is from 1 to 8192"),
        ("# \u{e4}\u{f6}\n\u{e4} = 1\n", "2:1", ""),
        ("[", "1:2", ""),
    ] {
        let (path, settings) = loaded(text);
        let error = settings.expect_err(text);
        assert!(error.starts_with(&format!("config {}:{place}: ", path.display())), "{text:?}: {error}");
        assert!(error.contains(part) && error.lines().count() == 1, "{text:?}: {error}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let check = |path: &Path, part: &str| {
        let error = Settings::load(Some(path)).expect_err("a file that is refused").to_string();
        assert!(error.starts_with(&format!("config {}: ", path.display())) && error.contains(part), "{error}");
    };
    check(&place.path().join("absent"), "cannot be read: No such file");
    check(place.path(), "cannot be read: Is a directory");
    let path = place.path().join("file");
    fs::write(&path, "#".repeat((1 << 20) + 1)).expect("a file");
    check(&path, "has more than 1048576 bytes");
    fs::write(&path, b"\xff").expect("a file");
    check(&path, "cannot be read: ");
    assert!(Settings::load(Some(Path::new("/dev/null"))).is_ok(), "to say that there is none");
}

fn set(texts: &[&str]) -> Result<Value, String> {
    let assignments: Vec<Assignment> = texts.iter().map(|text| text.parse().expect("an assignment")).collect();
    tree(&assignments).map(Value::Object).map_err(|error| error.to_string())
}

#[test]
fn a_value_is_toml_or_else_a_text() {
    for (text, value) in [
        ("3", json!(3)),
        ("-0.5", json!(-0.5)),
        ("true", json!(true)),
        ("\"3\"", json!("3")),
        ("[1, 'a']", json!([1, "a"])),
        ("{ a = 1 }", json!({"a": 1})),
        ("2026-01-02", json!("2026-01-02")),
        ("nan", json!("nan")),
        ("", json!("")),
        ("a=b", json!("a=b")),
        ("http://127.0.0.1:5001", json!("http://127.0.0.1:5001")),
        ("1\nb = 2", json!("1\nb = 2")),
        ("[1", json!("[1")),
    ] {
        assert_eq!(set(&[&format!("kv.key={text}")]), Ok(json!({"key": value})), "{text}");
    }
}

#[test]
fn keys_nest_and_later_options_win() {
    let nested = set(&["kv.a.b.c=1", "kv.a.d=2", "kv.e=3", "kv.a.d=4"]);
    assert_eq!(nested, Ok(json!({"a": {"b": {"c": 1}, "d": 4}, "e": 3})));
    for texts in [["kv.a=1", "kv.a.b=2"], ["kv.a.b=2", "kv.a=1"]] {
        let error = set(&texts).expect_err("a conflict");
        assert!(error.starts_with(&format!("--set {}: ", texts[1].split('=').next().unwrap())), "{error}");
    }
}

#[test]
fn what_is_no_assignment_is_refused() {
    let deep = format!("kv.{}=1", ["a"; 17].join("."));
    for text in ["", "kv", "kv=1", "kv.a", "kv.=1", ".a=1", "KV.a=1", "kv.a..b=1", "kv.a b=1", "kv.\"a\"=1", &deep] {
        assert_eq!(text.parse::<Assignment>(), Err(AssignmentError), "{text}");
    }
    let secret: Assignment = "kv.key.inner=secret".parse().expect("an assignment");
    assert_eq!(secret.to_string(), "kv.key.inner");
}

#[test]
fn options_are_laid_over_the_file() {
    let object = |value: Value| value.as_object().cloned().expect("an object");
    let mut base = object(json!({"a": {"x": 1, "y": 2}, "b": 1, "c": {"z": 1}}));
    merge(&mut base, object(json!({"a": {"y": 3, "z": 4}, "b": {"n": 1}, "c": 5, "d": 6})));
    assert_eq!(Value::Object(base), json!({"a": {"x": 1, "y": 3, "z": 4}, "b": {"n": 1}, "c": 5, "d": 6}));
}
