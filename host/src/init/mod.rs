//! The verbs `ww init` and `ww plugin new`: projects that build anywhere.
//!
//! Everything comes out of this binary: a template (`sdk/templates`) and the SDK that it needs, which is unpacked to
//! `.ww/sdk` in the layout of the repository. Nothing that exists is overwritten, and nothing is left behind where a
//! step fails.

mod api;
mod error;
mod lock;
mod manifest;
mod name;
pub mod plugin;
mod renew;
pub mod sdk;
mod template;
mod write;

use std::path::{Path, PathBuf};

pub use error::Error;
pub use template::names as templates;

use crate::cli::InitArgs;
use crate::report;

/// Where a project keeps the unpacked SDK.
pub const SDK_DIR: &str = ".ww/sdk";

/// A file to be written, with its path relative to the directory that it goes to.
struct File {
    path: String,
    bytes: Vec<u8>,
}

/// Creates a project, or renews the SDK of one, as `args` say.
pub fn init(args: &InitArgs) -> Result<(), Error> {
    if args.renew_sdk {
        let place = renew::renew(&args.path)?;
        report::say(&format!("unpacked the SDK of ww {} to {}", crate::version::PRODUCT, place.display()));
        return Ok(());
    }
    let api = args.plugin_api.as_deref().map(api::Api::read).transpose()?;
    let name = create_for(&args.path, &args.template, api.as_ref())?;
    let run = if api.is_some() { "ww run --plugin FILE" } else { "ww run" };
    report::say(&next_steps(&args.path, &format!("the guest `{name}`"), &["ww build", run]));
    Ok(())
}

/// Creates a project in `directory`, without a word to the user; gives the name of its package.
///
/// # Errors
/// Where something is in the way, or cannot be written: then nothing is left behind.
pub fn create(directory: &Path, template: &str) -> Result<String, Error> {
    create_for(directory, template, None)
}

/// The same, of a project that uses `api`, if any.
fn create_for(directory: &Path, template: &str, api: Option<&api::Api>) -> Result<String, Error> {
    let taken = |name: &str| template::uses(template, name) || api.is_some_and(|api| api.package == name);
    let name = name::package_name(&directory_name(directory)?, &taken);
    let mut files = template::files(template, &[(template::NAME, &name)]);
    if let Some(api) = api {
        api.apply(directory, &mut files)?;
    }
    match api.and_then(api::Api::sdk) {
        Some(_) => write::all(directory, &files)?,
        None => write_with_sdk(directory, files)?,
    }
    Ok(name)
}

/// Writes the files of a project, and the SDK beside them.
fn write_with_sdk(directory: &Path, mut files: Vec<File>) -> Result<(), Error> {
    let sdk = sdk::files()?;
    files.extend(sdk.into_iter().map(|file| File { path: format!("{SDK_DIR}/{}", file.path), bytes: file.bytes }));
    write::all(directory, &files)
}

/// The last name of the directory's path, which need not exist.
fn directory_name(directory: &Path) -> Result<String, Error> {
    let full: PathBuf = match directory.canonicalize() {
        Ok(full) if full.is_dir() => full,
        Ok(_) => return Err(Error::NoDirectory(directory.to_owned())),
        Err(_) => directory.to_owned(),
    };
    let name = full.file_name().ok_or_else(|| Error::NoName(directory.to_owned()))?;
    Ok(name.to_string_lossy().into_owned())
}

/// What was made, and what to type next.
fn next_steps(directory: &Path, what: &str, commands: &[&str]) -> String {
    let commands = commands.iter().map(|command| format!("\n  {command}")).collect::<String>();
    let place = directory.display().to_string();
    if directory == Path::new(".") {
        return format!("created {what} in the current directory; next:{commands}");
    }
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-".contains(letter);
    let quoted = match place.chars().all(plain) && !place.starts_with('-') {
        true => place.clone(),
        false => format!("-- '{}'", place.replace('\'', r"'\''")),
    };
    format!("created {what} in {place}; next:\n  cd {quoted}{commands}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_steps_can_be_pasted() {
        let steps = |place| next_steps(Path::new(place), "it", &["ww build"]);
        assert!(steps("hello").contains("\n  cd hello\n  ww build"));
        assert!(steps("a b's").contains("\n  cd -- 'a b'\\''s'\n"));
        assert!(!steps(".").contains("cd "));
    }
}
