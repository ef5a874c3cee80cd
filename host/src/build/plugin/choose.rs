//! Which package of a project is the plugin.

use cargo_metadata::{CrateType, Package};

use super::super::Error;
use super::super::project::Project;

/// The crates that plugins are written with: of those that depend on one, each is meant to be a plugin.
const SDKS: &[&str] = &["ww-plugin", "ww-abi"];

/// The package that `name` says, else the project's own, else the only one of its workspace.
pub(super) fn package<'a>(project: &'a Project, name: Option<&str>) -> Result<&'a Package, Error> {
    let package = match name {
        Some(name) => named(project, name)?,
        None => meant(project)?,
    };
    let is_library = package.targets.iter().any(|target| target.crate_types.contains(&CrateType::CDyLib));
    if is_library { Ok(package) } else { Err(Error::NoLibrary(package.name.to_string())) }
}

fn named<'a>(project: &'a Project, name: &str) -> Result<&'a Package, Error> {
    let mut packages = project.metadata.packages.iter();
    packages.find(|package| package.name.as_str() == name).ok_or_else(|| Error::NoPackage {
        directory: project.path.clone(),
        name: name.to_owned(),
        packages: names(&project.metadata.packages.iter().collect::<Vec<_>>()),
    })
}

fn meant(project: &Project) -> Result<&Package, Error> {
    if let Some(package) = project.package().filter(|package| is_plugin(package)) {
        return Ok(package);
    }
    let plugins: Vec<_> = project.metadata.packages.iter().filter(|package| is_plugin(package)).collect();
    match plugins[..] {
        [package] => Ok(package),
        [] => Err(Error::NoPlugin(project.path.clone())),
        _ => Err(Error::SeveralPlugins { directory: project.path.clone(), packages: names(&plugins) }),
    }
}

fn is_plugin(package: &Package) -> bool {
    package.dependencies.iter().any(|dependency| SDKS.contains(&dependency.name.as_str()))
}

/// Their names, sorted: cargo tells of packages in any order.
fn names(packages: &[&Package]) -> Vec<String> {
    let mut names: Vec<_> = packages.iter().map(|package| package.name.to_string()).collect();
    names.sort();
    names
}
