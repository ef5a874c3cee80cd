//! Names for packages, derived from names of directories.

/// The longest package name, in bytes: cargo makes file names of it, with a hash and an extension behind it.
pub(super) const MAX_LENGTH: usize = 64;

/// What a package is called where nothing of the directory's name can be kept.
const FALLBACK: &str = "guest";

/// Names that cargo or rustc refuse or warn about for a binary: keywords, the crates that come with the compiler, and
/// directories of cargo's own.
#[rustfmt::skip]
pub(super) const RESERVED: &[&str] = &[
    "abstract", "alloc", "as", "async", "await", "become", "box", "break", "build", "const", "continue", "core",
    "crate", "deps", "do", "dyn", "else", "enum", "examples", "extern", "false", "final", "fn", "for", "gen", "if",
    "impl", "in", "incremental", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv",
    "proc-macro", "proc_macro", "pub", "ref", "return", "self", "static", "std", "struct", "super", "test", "trait",
    "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// A valid package name that is as close to the directory's name as can be: in lower case, what is no ASCII letter or
/// digit replaced by `-`, `guest-` before a digit, `-guest` behind a name that means something else already or that is
/// `taken` by a dependency.
pub(super) fn package_name(directory: &str, taken: &dyn Fn(&str) -> bool) -> String {
    let mut name = String::new();
    for letter in directory.chars().map(|letter| letter.to_ascii_lowercase()) {
        if letter.is_ascii_alphanumeric() || letter == '_' {
            name.push(letter);
        } else if !name.ends_with('-') {
            name.push('-');
        }
    }
    let name = name.trim_matches(['-', '_']);
    let name = match name.chars().next() {
        None => FALLBACK.to_owned(),
        Some(first) if first.is_ascii_digit() => format!("{FALLBACK}-{name}"),
        Some(_) => name.to_owned(),
    };
    // All ASCII here, so any length is at a letter's end.
    let name = name.get(..MAX_LENGTH).unwrap_or(&name).trim_end_matches(['-', '_']);
    if RESERVED.contains(&name) || taken(name) { format!("{name}-{FALLBACK}") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(directory: &str) -> String {
        package_name(directory, &|name| name == "capnp")
    }

    #[test]
    fn good_names_stay() {
        for name in ["hello", "hello-world", "hello_world2", "x"] {
            assert_eq!(named(name), name);
        }
    }

    #[test]
    fn other_names_become_valid() {
        assert_eq!(named("Hello"), "hello");
        assert_eq!(named("123-x"), "guest-123-x");
        assert_eq!(named("a b"), "a-b");
        assert_eq!(named(" my  (new) guest! "), "my-new-guest");
        assert_eq!(named(".hidden"), "hidden");
        assert_eq!(named("über"), "ber");
        for nothing in ["日本", "---", "_", ""] {
            assert_eq!(named(nothing), "guest");
        }
    }

    #[test]
    fn names_that_mean_something_else_are_extended() {
        assert_eq!(named("test"), "test-guest");
        assert_eq!(named("fn"), "fn-guest");
        assert_eq!(named("capnp"), "capnp-guest");
    }

    #[test]
    fn long_names_are_cut() {
        assert_eq!(named(&"a".repeat(300)).len(), MAX_LENGTH);
        assert_eq!(named(&format!("{}-b", "a".repeat(MAX_LENGTH - 1))), "a".repeat(MAX_LENGTH - 1));
    }
}
