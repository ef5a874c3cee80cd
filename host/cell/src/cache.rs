//! Compiled code on disk.

use std::hash::{Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::error::CellError;
use crate::limits::CODE_CACHE_BYTES;
use crate::program::ContentId;

/// A directory of compiled components, named by their content and by what they were compiled for.
///
/// Loading trusts the file, so the directory is private to the user and its files are written whole or not at all.
pub(crate) struct CodeCache {
    folder: PathBuf,
    /// A hash of the engine's version and settings: code for another one is another file.
    engine: String,
}

impl CodeCache {
    pub(crate) fn open(folder: &Path, engine: &Engine) -> Result<Self, CellError> {
        private_folder(folder).map_err(|source| CellError::Cache { path: folder.to_owned(), source })?;
        let mut hasher = HashBytes(blake3::Hasher::new());
        engine.precompile_compatibility_hash().hash(&mut hasher);
        let engine = hasher.0.finalize().to_hex()[..16].to_owned();
        Ok(Self { folder: folder.to_owned(), engine })
    }

    fn path(&self, id: ContentId) -> PathBuf {
        self.folder.join(format!("{id}-{}.cwasm", self.engine))
    }

    /// The code of a component, where it is here and fits.
    pub(crate) fn load(&self, engine: &Engine, id: ContentId) -> Option<Component> {
        let path = self.path(id);
        if !path.exists() {
            return None;
        }
        // SAFETY: the file was written by `store` below, from code that this engine's compiler made; its directory is
        // writable by this user alone, who could as well replace the program itself; it appeared under its name only
        // when it was whole. The engine checks that version and settings are its own.
        let loaded = unsafe { Component::deserialize_file(engine, &path) };
        match loaded {
            Ok(component) => {
                self.touch(&path);
                Some(component)
            }
            Err(error) => {
                tracing::debug!(target: "ww::cell", "discarding compiled code {}: {error:#}", path.display());
                let _ = std::fs::remove_file(&path);
                None
            }
        }
    }

    /// Keeps the code of a component. Where it cannot be kept, it is compiled again the next time.
    pub(crate) fn store(&self, id: ContentId, code: &[u8]) {
        if let Err(error) = self.try_store(id, code) {
            tracing::warn!(target: "ww::cell", "compiled code is not kept in {}: {error}", self.folder.display());
        }
    }

    fn try_store(&self, id: ContentId, code: &[u8]) -> std::io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(code)?;
        file.persist(self.path(id)).map_err(|error| error.error)?;
        self.trim(CODE_CACHE_BYTES)
    }

    /// Marks a file as used just now. A cache that cannot be written is still one that can be read.
    fn touch(&self, path: &Path) {
        let _ = std::fs::File::options().write(true).open(path).and_then(|file| file.set_modified(SystemTime::now()));
    }

    /// Removes the files that were not used for longest until the rest has at most `limit` bytes.
    fn trim(&self, limit: u64) -> std::io::Result<()> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let entry = entry?;
            // A file that another process has just removed is no trouble.
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_file() {
                files.push((metadata.modified()?, metadata.len(), entry.path()));
            }
        }
        files.sort_by_key(|(modified, ..)| std::cmp::Reverse(*modified));
        let mut total = 0;
        for (_, bytes, path) in files {
            total += bytes;
            if total > limit {
                let _ = std::fs::remove_file(path);
            }
        }
        Ok(())
    }
}

fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
        builder.mode(0o700).create(folder)?;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
    }
    #[cfg(not(unix))]
    builder.create(folder)
}

/// Hashes what std's trait feeds it with a hash that is the same in every build.
struct HashBytes(blake3::Hasher);

impl Hasher for HashBytes {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let hash = self.0.finalize();
        u64::from_le_bytes(hash.as_bytes()[..8].try_into().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_files_go_first() {
        let folder = tempfile::tempdir().unwrap();
        let cache = CodeCache { folder: folder.path().to_owned(), engine: "x".into() };
        for (name, age) in [("old", 20), ("older", 30), ("new", 10)] {
            let path = folder.path().join(name);
            std::fs::write(&path, [0; 10]).unwrap();
            let time = SystemTime::now() - std::time::Duration::from_secs(age);
            std::fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
        }
        cache.trim(20).unwrap();
        assert!(folder.path().join("new").exists() && folder.path().join("old").exists());
        assert!(!folder.path().join("older").exists());
    }
}
