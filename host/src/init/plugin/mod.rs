//! The verb `ww plugin new`: a plugin with its interface and a guest, as a project that builds anywhere.
//!
//! The schema in it has ids of its own, and the bindings that the schema compiler would give for it; no schema compiler is
//! needed for that: what it says of the template's schema is in this binary, and the names and ids in there are changed.

mod name;
mod schema;

use std::path::Path;

use self::name::PluginName;
use self::schema::Schema;
use super::template::{self, PLUGIN};
use super::{Error, File, directory_name, next_steps, write_with_sdk};
use crate::cli::NewArgs;
use crate::report;

/// Creates a plugin project.
///
/// # Errors
/// Where its directory has no name for a plugin, or something is in the way, or cannot be written: then nothing is left
/// behind.
pub fn new(args: &NewArgs) -> Result<(), Error> {
    let name = PluginName::new(&directory_name(&args.path)?)?;
    write_with_sdk(&args.path, files(&name, &Schema::fresh(&name)?)?)?;
    let run = format!("ww run --plugin dist/lib{name}.so guest -- 1 2 3");
    let commands = ["ww plugin build", "ww build guest", &run];
    report::say(&next_steps(&args.path, &format!("the plugin `{name}`"), &commands));
    Ok(())
}

fn files(name: &PluginName, schema: &Schema) -> Result<Vec<File>, Error> {
    let mut files = template::files(PLUGIN, &name.placeholders());
    for file in files.iter_mut().filter(|file| Path::new(&file.path).extension().is_some_and(|it| it == "capnp")) {
        file.bytes = schema.with_ids(&String::from_utf8_lossy(&file.bytes)).into_bytes();
    }
    files.extend(
        schema.bindings()?.into_iter().map(|bindings| File {
            path: format!("{name}-api/src/{}", bindings.name),
            bytes: bindings.text.into_bytes(),
        }),
    );
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(name: &str) -> Result<Vec<(String, String)>, Error> {
        let name = PluginName::new(name)?;
        let files = files(&name, &Schema::fresh(&name)?)?;
        Ok(files.into_iter().map(|file| (file.path, String::from_utf8_lossy(&file.bytes).into_owned())).collect())
    }

    #[test]
    fn no_placeholder_and_no_sample_is_left() -> Result<(), Error> {
        let texts = texts("my-kv")?;
        for (path, text) in &texts {
            assert!(!path.contains("{{") && !text.contains("{{"), "{path}");
            assert!(!text.to_lowercase().contains("sample"), "{path}");
        }
        let text = |path: &str| texts.iter().find(|(it, _)| it == path).map_or("", |(_, text)| text);
        assert!(text("my-kv-api/my-kv.capnp").contains("interface MyKv @0x"));
        assert!(text("my-kv-api/src/my_kv_capnp.rs").contains("\npub mod my_kv {"));
        assert!(text("my-kv-api/src/lib.rs").contains("pub mod my_kv_capnp;"));
        assert!(text("my-kv/src/lib.rs").contains("use my_kv_api::my_kv;"));
        Ok(())
    }

    #[test]
    fn no_two_projects_have_an_id_in_common() -> Result<(), Error> {
        let ids = |texts: Vec<(String, String)>| -> Vec<String> {
            let schema = texts.into_iter().find(|(path, _)| path.ends_with(".capnp")).map(|(_, text)| text);
            let schema = schema.unwrap_or_default();
            schema.match_indices("@0x").filter_map(|(at, _)| schema.get(at..at + 19)).map(str::to_owned).collect()
        };
        let (one, other) = (ids(texts("tally")?), ids(texts("tally")?));
        assert_eq!((one.len(), other.len()), (2, 2));
        assert!(one.iter().all(|id| !other.contains(id)), "{one:?} {other:?}");
        Ok(())
    }

    #[test]
    fn what_an_author_writes_is_short() -> Result<(), Error> {
        let mut lines = 0;
        for (path, text) in texts("tally")? {
            let own = ["tally/src/lib.rs", "tally-api/tally.capnp", "tally-api/src/lib.rs", "guest/src/main.rs"];
            if own.contains(&path.as_str()) {
                let text = text.split("#[cfg(test)]").next().unwrap_or_default();
                let code = text.lines().map(str::trim).filter(|line| !line.is_empty());
                lines += code.filter(|line| !line.starts_with("//") && !line.starts_with('#')).count();
            }
        }
        assert!((30..60).contains(&lines), "{lines} lines");
        Ok(())
    }
}
