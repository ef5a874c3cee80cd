use std::fs;

use serde_json::json;
use ww_tests::library::{component, manifest};

use super::*;
use crate::plugin::file::Sha256;

const TABLE: &[Standard] =
    &[Standard { name: "std-a", grants: &["host", "std-b"] }, Standard { name: "std-b", grants: &[] }];

/// A folder with the files of plugins; what one is made of makes no difference here.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    /// A plugin in this file, with this name, that requires these.
    fn plugin(&self, file: &str, name: &str, requires: &[&str]) -> PathBuf {
        let path = self.path(file);
        let section = manifest(name).replace("\"requires\":[]", &format!("\"requires\":{requires:?}"));
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
        fs::write(&path, component(&section)).expect("the file");
        path
    }

    fn settings(&self, text: &str) -> Settings {
        fs::write(self.path("config.toml"), text).expect("the file");
        Settings::load(Some(&self.path("config.toml"))).expect("settings")
    }

    /// Options that look for standard plugins in the folder `std`.
    fn options(&self, plugins: &[&str]) -> Options {
        fs::create_dir_all(self.path("std")).expect("the folder");
        let search = Search::new(&[self.path("std")], None, None).expect("the folder");
        Options {
            plugins: plugins.iter().map(|text| named(text)).collect(),
            search: Some(search),
            ..Options::default()
        }
    }
}

fn named(text: &str) -> NamedFile {
    std::ffi::OsString::from(text).try_into().expect("a file")
}

fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

fn make(options: Options, settings: Settings) -> Result<Plan, String> {
    Plan::make(options, settings, TABLE).map_err(|error| error.to_string())
}

fn names(plan: &Plan) -> Vec<&str> {
    plan.plugins.iter().map(|plugin| plugin.name.as_str()).collect()
}

fn completed(options: Options, settings: Settings) -> Result<Plan, String> {
    let mut plan = make(options, settings)?;
    plan.complete(&[name("host")]).map_err(|error| error.to_string())?;
    Ok(plan)
}

#[test]
fn options_and_file_say_together_what_is_loaded() {
    let place = Place::new();
    let [kv, log] = [place.plugin("libkv.so", "kv", &[]), place.plugin("liblog.so", "log", &[])];
    let mut options = place.options(&[&kv.to_string_lossy(), &format!("second={}", kv.display())]);
    options.set = ["kv.a.b=2", "kv.c=text", "log.x=1"].map(|text| text.parse().expect("an assignment")).to_vec();
    options.grant = ["kv:host", "host"].map(|text| text.parse().expect("a grant")).to_vec();
    let settings = place.settings(
        "[plugins.kv]\ngrants = ['log']\nconfig = { a = { b = 1, d = 4 } }\n\
         [plugins.log]\npath = 'liblog.so'\n[guest]\ngrants = ['kv']\ndeny = ['log']\n",
    );
    let plan = make(options, settings).expect("a plan");
    assert_eq!(names(&plan), ["kv", "second", "log"]);
    let config = plan.get(&name("kv")).map(|plugin| Value::Object(plugin.config.clone()));
    assert_eq!(config, Some(json!({"a": {"b": 2, "d": 4}, "c": "text"})));
    assert_eq!(plan.plugins[0].grants, [name("host"), name("log")]);
    assert!(plan.plugins[1].config.is_empty() && plan.plugins[1].grants.is_empty(), "another name, other words");
    assert_eq!((plan.plugins[2].file.path(), &plan.plugins[2].config["x"]), (&*log, &json!(1)));
    let config = format!("config {}", place.path("config.toml").display());
    assert_eq!(
        plan.plugins.iter().map(|it| it.origin.to_string()).collect::<Vec<_>>(),
        ["--plugin", "--plugin", &config]
    );
    let said = |name_: &str, by: &str| Said { name: name(name_), by: by.to_owned() };
    let deny = vec![said("log", &format!("{config}: guest.deny"))];
    assert_eq!(plan.guest, GuestGrants { grants: Some(vec![said("host", "--grant")]), deny });
}

#[test]
fn a_file_of_an_option_takes_the_place_of_a_configured_one() {
    let place = Place::new();
    let settings = || place.settings("[plugins.kv]\npath = 'absent.so'\nconfig = { a = 1 }\n");
    let other = place.plugin("other.so", "own", &[]);
    let plan = make(place.options(&[&format!("kv={}", other.display())]), settings()).expect("a plan");
    assert_eq!((plan.plugins[0].file.path(), &plan.plugins[0].config["a"]), (&*other, &json!(1)));
    let error = make(place.options(&[]), settings()).expect_err("a file that is not there");
    assert!(error.starts_with(&format!("plugin {}: cannot be read: ", place.path("absent.so").display())), "{error}");
}

#[test]
fn two_plugins_of_one_name_are_both_named() {
    let place = Place::new();
    let [one, two] = ["one.so", "two.so"].map(|file| place.plugin(file, "kv", &[]).display().to_string());
    let error = make(place.options(&[&one, &two]), Settings::default()).expect_err("two of one name");
    let both = format!("two plugins are called 'kv': {one} (--plugin) and {two} (--plugin); ");
    assert!(error.starts_with(&both) && error.ends_with("--plugin NAME=FILE"), "{error}");
    assert!(make(place.options(&[&one, &format!("kv2={two}")]), Settings::default()).is_ok());
}

#[test]
fn what_is_said_about_nobody_is_an_error() {
    let place = Place::new();
    let kv = place.plugin("libkv.so", "kv", &[]).display().to_string();
    let refused = |set: &[&str], grant: &[&str], text: &str| {
        let mut options = place.options(&[&kv]);
        options.set = set.iter().map(|text| text.parse().expect("an assignment")).collect();
        options.grant = grant.iter().map(|text| text.parse().expect("a grant")).collect();
        make(options, place.settings(text)).expect_err("a name of nobody")
    };
    let config = format!("config {}: plugins.vk", place.path("config.toml").display());
    for (error, said) in [
        (refused(&["vk.size=1"], &[], ""), "--set vk.size"),
        (refused(&[], &["vk:host"], ""), "--grant vk:host"),
        (refused(&[], &[], "[plugins.vk]\n"), &*config),
        (refused(&["vk.size=1"], &[], "[plugins.vk]\n"), &*config),
    ] {
        assert!(error.starts_with(&format!("{said}: there is no plugin 'vk'; there are: kv; add it with ")), "{error}");
    }
    assert!(refused(&["kv.a=1", "kv.a.b=2"], &[], "").starts_with("--set kv.a.b: "));
    let mut bare = place.options(&[]);
    (bare.search, bare.set) = (None, vec!["std-a.x=1".parse().expect("an assignment")]);
    let error = make(bare, Settings::default()).expect_err("no standard plugins");
    assert!(error.contains("there is no plugin 'std-a'; there are: none"), "{error}");
}

#[test]
fn a_file_with_another_digest_is_refused() {
    let place = Place::new();
    let kv = place.plugin("libkv.so", "kv", &[]);
    let digest = PluginFile::read(&kv).expect("a plugin").sha256();
    let text = |digest: &str| format!("[plugins.kv]\npath = 'libkv.so'\nsha256 = '{digest}'\n");
    assert!(make(place.options(&[]), place.settings(&text(&digest.to_string()))).is_ok());
    let other: Sha256 = "0".repeat(64).parse().expect("a digest");
    for options in [place.options(&[]), place.options(&[&kv.to_string_lossy()])] {
        let error = make(options, place.settings(&text(&other.to_string()))).expect_err("another digest");
        let start = format!("plugin {}: its SHA-256 digest is {digest}, ", kv.display());
        assert!(error.starts_with(&start), "{error}");
    }
}

#[test]
fn standard_plugins_are_found_when_something_needs_them() {
    let place = Place::new();
    let kv = place.plugin("libkv.so", "kv", &["std-a"]).display().to_string();
    let options = || {
        let mut options = place.options(&[&kv]);
        options.grant = vec!["kv:std-a".parse().expect("a grant")];
        options
    };
    // Nothing needs one, so none is looked for.
    let plan = make(options(), place.settings("[plugins.std-b.config]\nx = 1\n")).expect("a plan");
    assert_eq!(plan.standard().collect::<Vec<_>>(), [(name("std-a"), false), (name("std-b"), true)]);
    assert_eq!(names(&plan), ["kv"]);
    let error = completed(options(), Settings::default()).expect_err("it is not there");
    let start = "plugin 'std-a' was not found, and 'kv' requires it; looked for libstd-a.so in ";
    assert!(error.starts_with(start) && error.contains(&*place.path("std").to_string_lossy()), "{error}");
    // What it requires in turn comes along, with the grants of the table.
    place.plugin("std/libstd-a.so", "std-a", &["host", "std-b"]);
    let error = completed(options(), Settings::default()).expect_err("it is not there");
    assert!(error.starts_with("plugin 'std-b' was not found, and 'std-a' requires it; "), "{error}");
    place.plugin("std/libstd-b.so", "std-b", &[]);
    let plan = completed(options(), place.settings("[plugins.std-b.config]\nx = 1\n")).expect("a plan");
    assert_eq!(names(&plan), ["std-b", "std-a", "kv"]);
    assert_eq!((&plan.plugins[0].config["x"], &plan.plugins[0].origin), (&json!(1), &Origin::Found(Source::Option)));
    assert_eq!(plan.plugins[1].grants, [name("host"), name("std-b")]);
    assert_eq!(plan.standard().count(), 0);
    assert!(plan.find(&name("kv"), "").expect("no error").is_none(), "it is no standard plugin");
}

#[test]
fn a_plugin_of_the_operator_takes_the_place_of_a_standard_one() {
    let place = Place::new();
    place.plugin("std/libstd-b.so", "std-b", &[]);
    let own = place.plugin("own.so", "std-b", &[]);
    let plan = completed(place.options(&[&own.to_string_lossy()]), Settings::default()).expect("a plan");
    assert_eq!((plan.plugins.len(), plan.plugins[0].file.path()), (1, &*own));
    // Its name alone is no reason to trust it.
    let own = place.plugin("own.so", "std-a", &["host"]);
    let error = completed(place.options(&[&own.to_string_lossy()]), Settings::default()).expect_err("no grant");
    assert_eq!(error, "plugin 'std-a' requires 'host', which it is not granted; add --grant std-a:host");
}

#[test]
fn what_is_required_has_to_be_there_and_granted() {
    let place = Place::new();
    let at = |file: &str, name: &str, requires: &[&str]| place.plugin(file, name, requires).display().to_string();
    let [a, b] = [at("a.so", "a", &["b"]), at("b.so", "b", &["host", "cells"])];
    let with = |grants: &[&str]| {
        let mut options = place.options(&[&a, &b]);
        options.grant = grants.iter().map(|text| text.parse().expect("a grant")).collect();
        completed(options, Settings::default())
    };
    let error = with(&["a:b", "b:host"]).expect_err("nobody provides cells");
    assert_eq!(error, "plugin 'b' requires 'cells', which nobody provides; there are: a, host");
    at("b.so", "b", &["host"]);
    let error = with(&["a:b"]).expect_err("it is not granted");
    assert_eq!(error, "plugin 'b' requires 'host', which it is not granted; add --grant b:host");
    assert_eq!(names(&with(&["a:b", "b:host"]).expect("a plan")), ["b", "a"]);
    at("b.so", "b", &["a"]);
    let error = with(&["a:b", "b:a"]).expect_err("a circle");
    assert!(error.ends_with(": a -> b -> a"), "{error}");
}

#[test]
fn files_and_grants_are_told_from_their_names() {
    let parsed = |text: &str| NamedFile::try_from(std::ffi::OsString::from(text));
    let file = |name_: Option<&str>, file: &str| Ok(NamedFile { name: name_.map(name), file: file.into() });
    assert_eq!(parsed("./libkv.so"), file(None, "./libkv.so"));
    assert_eq!(parsed("kv=./a=b.so"), file(Some("kv"), "./a=b.so"));
    assert_eq!(parsed("./a=b.so"), file(None, "./a=b.so"));
    assert!(parsed("KV=./libkv.so").is_err());
    assert_eq!("kv".parse(), Ok(Grant::Guest(name("kv"))));
    assert_eq!("kv:host".parse(), Ok(Grant::Provider { provider: name("kv"), name: name("host") }));
    for bad in ["", "kv:", ":host", "kv:host:x", "Kv"] {
        assert!(bad.parse::<Grant>().is_err(), "{bad}");
    }
}
