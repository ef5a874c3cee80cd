//! Lock files as text: enough to give packages of one other names.

const PACKAGE: &str = "\n[[package]]\n";

/// The lock file with its packages, and what each depends on, where cargo would write them: sorted by name. Cargo compares
/// lock files as text under `--locked`.
pub(super) fn in_order(lock: &str) -> String {
    let mut parts = lock.split(PACKAGE);
    let head = parts.next().unwrap_or_default();
    let mut packages: Vec<String> = parts.map(|part| with_sorted_lists(part.trim_end())).collect();
    // Stable, and so packages of one name stay sorted by version.
    packages.sort_by(|one, other| name(one).cmp(name(other)));
    let packages = packages.iter().map(|package| format!("{PACKAGE}{package}"));
    format!("{}\n{}", head.trim_end(), packages.collect::<String>())
}

/// The package with the entries of its lists sorted, one line each.
fn with_sorted_lists(package: &str) -> String {
    let mut lines: Vec<&str> = package.lines().collect();
    for list in lines.chunk_by_mut(|one, other| is_entry(one) == is_entry(other)) {
        if list.first().is_some_and(|line| is_entry(line)) {
            list.sort_unstable();
        }
    }
    lines.iter().flat_map(|line| [line, "\n"]).collect()
}

fn is_entry(line: &str) -> bool {
    line.starts_with(" \"")
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
        \"beta\",\n \"delta\",\n]\n";

    fn renamed(from: &str, to: &str) -> String {
        in_order(&LOCK.replace(from, to))
    }

    #[test]
    fn a_renamed_package_moves_to_its_place() {
        let renamed = renamed("{{name}}", "charlie");
        let order: Vec<_> = renamed.lines().filter(|line| line.starts_with("name")).collect();
        assert_eq!(order, ["name = \"beta\"", "name = \"charlie\"", "name = \"delta\""]);
        assert!(renamed.ends_with("version = \"1.0.0\"\n"));
        assert!(renamed.starts_with("# By hand.\nversion = 4\n\n[[package]]\nname = \"beta\"\n"));
    }

    #[test]
    fn a_renamed_dependency_moves_to_its_place() {
        assert!(renamed("beta", "gamma").contains("[\n \"delta\",\n \"gamma\",\n]"));
    }

    #[test]
    fn renaming_back_gives_the_same_text() {
        assert_eq!(in_order(&renamed("{{name}}", "alpha").replace("alpha", "{{name}}")), LOCK);
    }

    #[test]
    fn names_are_found() {
        assert!(contains(LOCK, "beta"));
        assert!(!contains(LOCK, "bet"));
    }
}
