//! The templates of `ww init`: directories of files under `sdk/templates`, which travel inside the binary.
//!
//! In every file, `{{name}}` stands for the name of the package; there is no other placeholder, and no way to write
//! this one literally.

use super::{File, lock, sdk};

/// What stands for the name of the package.
const NAME: &str = "{{name}}";

const LOCK_FILE: &str = "Cargo.lock";

/// The names of all templates, sorted.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = sdk::TEMPLATES.iter().filter_map(|(path, _)| path.split('/').next()).collect();
    names.dedup();
    names
}

/// The files of a template, for a package of this name; none where there is no such template.
pub(super) fn files(template: &str, name: &str) -> Vec<File> {
    let files = sdk::TEMPLATES.iter().filter_map(|(path, bytes)| Some((inside(path, template)?, *bytes)));
    files.map(|(path, bytes)| File { path: path.to_owned(), bytes: fill(path, bytes, name).into_bytes() }).collect()
}

/// Whether a project of the template depends on a package of this name, so that it cannot have the name itself.
pub(super) fn uses(template: &str, name: &str) -> bool {
    let mut files = sdk::TEMPLATES.iter().filter(|(path, _)| inside(path, template) == Some(LOCK_FILE));
    files.any(|(_, lock)| lock::contains(&String::from_utf8_lossy(lock), name))
}

fn inside<'a>(path: &'a str, template: &str) -> Option<&'a str> {
    path.strip_prefix(template)?.strip_prefix('/')
}

fn fill(path: &str, bytes: &[u8], name: &str) -> String {
    let text = String::from_utf8_lossy(bytes);
    if path == LOCK_FILE { lock::rename(&text, NAME, name) } else { text.replace(NAME, name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_known() {
        assert_eq!(names(), ["rust"]);
        assert!(files("rus", "x").is_empty());
    }

    #[test]
    fn a_template_is_text_with_one_placeholder() {
        for (path, bytes) in sdk::TEMPLATES {
            let text = std::str::from_utf8(bytes).unwrap_or_else(|error| panic!("{path}: {error}"));
            assert!(!text.replace(NAME, "").contains("{{"), "{path} has another placeholder");
        }
        for file in files("rust", "hello") {
            assert!(!String::from_utf8_lossy(&file.bytes).contains("{{"), "{}", file.path);
        }
    }

    #[test]
    fn a_template_has_all_that_a_project_needs() {
        let files = files("rust", "hello");
        for path in [".gitignore", "Cargo.lock", "Cargo.toml", "README.md", "rust-toolchain.toml", "src/main.rs"] {
            assert!(files.iter().any(|file| file.path == path), "{path}");
        }
        assert!(uses("rust", "ww-guest"));
        assert!(!uses("rust", "hello"));
    }

    #[test]
    fn the_first_program_fits_on_a_screen() {
        let main = files("rust", "hello").into_iter().find(|file| file.path == "src/main.rs");
        let main = main.map(|file| String::from_utf8_lossy(&file.bytes).into_owned()).unwrap_or_default();
        assert!((5..30).contains(&main.lines().count()), "{main}");
    }
}
