//! The verb `ww plugin seal`.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use super::Error;
use crate::cli::SealArgs;
use crate::plugin::file::{PluginFile, seal as seal_of};
use crate::report;

pub(super) fn seal(args: &SealArgs) -> Result<(), Error> {
    let file = PluginFile::read(&args.file)?;
    let path = file.path();
    if file.is_sealed() {
        return report::show(&format!("{} is sealed already", path.display())).map_err(Error::Output);
    }
    replace(path, &[file.bytes(), &seal_of(&file)]).map_err(|cause| Error::Seal { path: path.to_owned(), cause })?;
    report::show(&format!("sealed {}", path.display())).map_err(Error::Output)
}

/// Puts a file of these parts in the place of another one, at once, with its mode. A link to it stays one.
fn replace(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let path = path.canonicalize()?;
    let mode = fs::metadata(&path)?.permissions();
    let mut file = tempfile::Builder::new().prefix(".ww-seal-").tempfile_in(path.parent().unwrap_or(&path))?;
    parts.iter().try_for_each(|part| file.write_all(part))?;
    file.as_file().set_permissions(mode)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
