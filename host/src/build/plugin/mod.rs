//! The verb `ww plugin build`: compiles a provider to the files that it ships as.
//!
//! One crate gives both: a shared library for this machine, and a component. They are called after the package, as
//! `dist/libNAME.so` and `dist/NAME.wasm` in the folder of its workspace, and change only when all is compiled, checked and
//! sealed, each at once.

mod choose;
mod kind;
mod sealed;

use std::path::Path;

use self::kind::Kind;
use super::install::install;
use super::project::Project;
use super::{Error, toolchain};
use crate::cli::PluginBuildArgs;
use crate::report;

/// Compiles the plugin in `args.path`, and says what it wrote.
///
/// # Errors
/// Where there is no such plugin, or it does not compile, or what comes of it is no plugin; then nothing is written.
pub fn build(args: &PluginBuildArgs) -> Result<(), Error> {
    let project = Project::read(&args.path)?;
    let package = choose::package(&project, args.package.as_deref())?;
    let kinds = Kind::chosen(args.native, args.component);
    if kinds.contains(&Kind::Component) {
        toolchain::check(&project.directory)?;
    }
    let built = kinds.iter().map(|kind| sealed::file(&project, package, *kind));
    let built = built.collect::<Result<Vec<_>, _>>()?;
    let root = project.metadata.workspace_root.as_std_path();
    for installed in install(root, &built)? {
        // As the user would type it, where that is the shorter way.
        let shown = if root == project.directory { tidy(&args.path) } else { root };
        let path = shown.join(&installed.path);
        report::say(&format!("built {} ({} KiB, sealed)", path.display(), installed.bytes.div_ceil(1024)));
    }
    Ok(())
}

fn tidy(path: &Path) -> &Path {
    if path == Path::new(".") { Path::new("") } else { path }
}
