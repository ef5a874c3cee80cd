//! The verbs `ww build`, which compiles a guest project to an image, `ww plugin build` and `ww plugin codegen`.
//!
//! Cargo does the work, and says in its messages where it put the results. The binary named like the package, or the
//! one that `[package.metadata.ww] boot` names, becomes `boot/main.wasm`, every other one `bin/NAME.wasm`. The image
//! changes only when everything is compiled, one file at a time and each at once.

mod cargo;
pub mod codegen;
mod compile;
mod error;
mod install;
mod package;
pub mod plugin;
mod project;
mod sdk;
mod toolchain;

pub use error::Error;

use crate::cli::BuildArgs;
use crate::report;

/// The target that guests are compiled for.
pub const TARGET: &str = "wasm32-wasip2";

/// Compiles the project in `args.path`, and prints what it wrote.
pub fn build(args: &BuildArgs) -> Result<(), Error> {
    let package = package::Package::read(&args.path)?;
    toolchain::check(&package.directory)?;
    let compiled = compile::compile(&package, args.debug)?;
    for installed in install::install(&package.directory, &compiled)? {
        report::say(&format!(
            "built {} ({} KiB)",
            args.path.join(&installed.path).display(),
            installed.bytes.div_ceil(1024)
        ));
    }
    Ok(())
}
