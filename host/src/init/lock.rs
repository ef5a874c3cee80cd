//! Lock files as text: enough to give the root package of one another name.

const PACKAGE: &str = "\n[[package]]\n";

/// The lock file with the package `from` called `to`, at the place where cargo would write it. Cargo compares lock
/// files as text under `--locked`, so the packages stay sorted by name. No other package may be called `to`.
pub(super) fn rename(lock: &str, from: &str, to: &str) -> String {
    let mut parts = lock.split(PACKAGE);
    let head = parts.next().unwrap_or_default();
    let old = format!("name = \"{from}\"\n");
    let new = format!("name = \"{to}\"\n");
    let mut packages: Vec<String> = parts.map(|part| format!("{}\n", part.trim_end().replace(&old, &new))).collect();
    // Stable, and so packages of one name stay sorted by version.
    packages.sort_by(|one, other| name(one).cmp(name(other)));
    let packages = packages.iter().map(|package| format!("{PACKAGE}{package}"));
    format!("{}\n{}", head.trim_end(), packages.collect::<String>())
}

/// Whether a package of this name is in the lock file.
pub(super) fn contains(lock: &str, name: &str) -> bool {
    lock.contains(&format!("{PACKAGE}name = \"{name}\"\n"))
}

fn name(package: &str) -> &str {
    package.strip_prefix("name = \"").and_then(|rest| rest.split_once('"')).map_or("", |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "# By hand.\nversion = 4\n\n[[package]]\nname = \"beta\"\nversion = \"2.0.0\"\n\n[[package]]\n\
        name = \"delta\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"{{name}}\"\nversion = \"0.1.0\"\ndependencies = [\n \
        \"beta\",\n]\n";

    #[test]
    fn a_renamed_package_moves_to_its_place() {
        let renamed = rename(LOCK, "{{name}}", "charlie");
        let order: Vec<_> = renamed.lines().filter(|line| line.starts_with("name")).collect();
        assert_eq!(order, ["name = \"beta\"", "name = \"charlie\"", "name = \"delta\""]);
        assert!(renamed.ends_with("version = \"1.0.0\"\n"));
        assert!(renamed.starts_with("# By hand.\nversion = 4\n\n[[package]]\nname = \"beta\"\n"));
    }

    #[test]
    fn renaming_back_gives_the_same_text() {
        assert_eq!(rename(&rename(LOCK, "{{name}}", "alpha"), "alpha", "{{name}}"), LOCK);
    }

    #[test]
    fn names_are_found() {
        assert!(contains(LOCK, "beta"));
        assert!(!contains(LOCK, "bet"));
    }
}
