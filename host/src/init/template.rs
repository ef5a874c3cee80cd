//! The templates of projects: directories of files under `sdk/templates`, which travel inside the binary.
//!
//! In every file and in its path, `{{name}}` stands for the name of the package, and there may be placeholders of the
//! same form for what is made of it. There is no way to write one literally.

use super::{File, lock, sdk};

/// What stands for the name of the package.
pub(super) const NAME: &str = "{{name}}";

/// The template of plugin projects.
pub(super) const PLUGIN: &str = "plugin";

/// What a guest has in the place of its template's files where it uses the interface of a plugin.
pub(super) const API: &str = "api";

const LOCK_FILE: &str = "Cargo.lock";

/// The names of all templates of guests, sorted.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = sdk::TEMPLATES.iter().filter_map(|(path, _)| path.split('/').next()).collect();
    names.dedup();
    names.retain(|name| ![PLUGIN, API].contains(name));
    names
}

/// The files of a template, with these values for its placeholders; none where there is no such template.
pub(super) fn files(template: &str, values: &[(&str, &str)]) -> Vec<File> {
    let files = sdk::TEMPLATES.iter().filter_map(|(path, bytes)| Some((inside(path, template)?, *bytes)));
    files.map(|(path, bytes)| file(path, &String::from_utf8_lossy(bytes), values)).collect()
}

fn file(path: &str, text: &str, values: &[(&str, &str)]) -> File {
    let text = fill(text, values);
    let text = if path == LOCK_FILE { lock::in_order(&text) } else { text };
    File { path: fill(path, values), bytes: text.into_bytes() }
}

/// The text with all placeholders filled in.
pub(super) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(text.to_owned(), |text, (placeholder, value)| text.replace(placeholder, value))
}

/// Whether a project of the template depends on a package of this name, so that it cannot have the name itself.
pub(super) fn uses(template: &str, name: &str) -> bool {
    let mut files = sdk::TEMPLATES.iter().filter(|(path, _)| inside(path, template) == Some(LOCK_FILE));
    files.any(|(_, lock)| lock::contains(&String::from_utf8_lossy(lock), name))
}

fn inside<'a>(path: &'a str, template: &str) -> Option<&'a str> {
    path.strip_prefix(template)?.strip_prefix('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_known() {
        assert_eq!(names(), ["rust"]);
        assert!(files("rus", &[(NAME, "x")]).is_empty());
    }

    #[test]
    fn a_guests_template_is_text_with_one_placeholder() {
        for (path, bytes) in sdk::TEMPLATES {
            let text = std::str::from_utf8(bytes).unwrap_or_else(|error| panic!("{path}: {error}"));
            assert!(
                // These are filled in by whoever knows more than a name.
                [PLUGIN, API].iter().any(|of| path.starts_with(of)) || !text.replace(NAME, "").contains("{{"),
                "{path} has another placeholder"
            );
        }
        for file in files("rust", &[(NAME, "hello")]) {
            assert!(!String::from_utf8_lossy(&file.bytes).contains("{{"), "{}", file.path);
        }
    }

    #[test]
    fn a_template_has_all_that_a_project_needs() {
        let files = files("rust", &[(NAME, "hello")]);
        for path in [".gitignore", "Cargo.lock", "Cargo.toml", "README.md", "rust-toolchain.toml", "src/main.rs"] {
            assert!(files.iter().any(|file| file.path == path), "{path}");
        }
        assert!(uses("rust", "ww-guest"));
        assert!(!uses("rust", "hello"));
    }

    #[test]
    fn the_first_program_fits_on_a_screen() {
        let main = files("rust", &[(NAME, "hello")]).into_iter().find(|file| file.path == "src/main.rs");
        let main = main.map(|file| String::from_utf8_lossy(&file.bytes).into_owned()).unwrap_or_default();
        assert!((5..30).contains(&main.lines().count()), "{main}");
    }
}
