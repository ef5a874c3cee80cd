//! The database. Nothing here blocks the worker: each access runs where it may block.

use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction};
use ww_plugin::capnp::Error;
use ww_plugin::tokio::sync::RwLock;
use ww_plugin::{Result, blocking};

use crate::checks::{check_key, check_value};
use crate::watches::Watches;

/// All that is kept, by caller and key.
const ENTRIES: TableDefinition<(&str, &str), &[u8]> = TableDefinition::new("entries");

/// How much each caller keeps, in bytes of keys and values.
const SIZES: TableDefinition<&str, u64> = TableDefinition::new("sizes");

/// What the database keeps in memory, in bytes. It would take 1 GiB by itself.
const CACHE: usize = 16 * 1024 * 1024;

/// What one page holds at most, in entries and in bytes; a message of a call is 1 MiB at most.
const PAGE_ENTRIES: usize = 256;
const PAGE_BYTES: usize = 512 * 1024;

/// An open database.
pub(crate) struct Store {
    /// The lock is fair, so accesses take effect in the order in which they were made. It is empty once closed.
    database: Arc<RwLock<Option<Database>>>,
    pub(crate) watches: Arc<Watches>,
    quota: u64,
}

impl Store {
    /// Opens the file, and makes it where it is missing.
    pub(crate) async fn open(path: PathBuf, quota: u64) -> Result<Self> {
        let opened = blocking(move || prepare(&path).map_err(|error| format!("{}: {error}", path.display())));
        let database = Arc::new(RwLock::new(Some(opened.await??)));
        Ok(Self { database, watches: Arc::default(), quota })
    }

    /// Ends all use, and closes the file.
    pub(crate) async fn close(&self) -> Result<()> {
        let mut database = self.database.clone().write_owned().await;
        match database.take() {
            Some(database) => Ok(blocking(move || database.close()).await??),
            None => Ok(()),
        }
    }

    /// The value of a key.
    pub(crate) async fn get(&self, caller: &str, key: String) -> Result<Option<Vec<u8>>, Error> {
        check_key(&key)?;
        let caller = caller.to_owned();
        self.read(move |database| {
            let entries = database.begin_read()?.open_table(ENTRIES)?;
            Ok(entries.get((caller.as_str(), key.as_str()))?.map(|value| value.value().to_vec()))
        })
        .await
    }

    /// Entries whose keys begin with `prefix`: at most `most`, from behind the key `after` on.
    pub(crate) async fn page(
        &self,
        caller: &str,
        prefix: String,
        after: Option<String>,
        most: usize,
    ) -> Result<Vec<(String, Vec<u8>)>, Error> {
        let caller = caller.to_owned();
        self.read(move |database| {
            let entries = database.begin_read()?.open_table(ENTRIES)?;
            let start = match &after {
                Some(key) => Bound::Excluded((caller.as_str(), key.as_str())),
                None => Bound::Included((caller.as_str(), prefix.as_str())),
            };
            let (mut page, mut bytes) = (Vec::new(), 0);
            for entry in entries.range((start, Bound::Unbounded))? {
                let (place, value) = entry?;
                let ((owner, key), value) = (place.value(), value.value());
                bytes += key.len() + value.len();
                let full = page.len() == most.min(PAGE_ENTRIES) || bytes > PAGE_BYTES;
                if full || owner != caller || !key.starts_with(&prefix) {
                    break;
                }
                page.push((key.to_owned(), value.to_vec()));
            }
            Ok(page)
        })
        .await
    }

    /// Sets or removes the value of a key; says whether it was there. Once begun, it is carried through, also where nobody
    /// waits for it any more.
    pub(crate) async fn change(&self, caller: &str, key: String, value: Option<Vec<u8>>) -> Result<bool, Error> {
        check_key(&key)?;
        check_value(value.as_deref().unwrap_or_default())?;
        let (watches, quota, caller) = (self.watches.clone(), self.quota, caller.to_owned());
        let database = self.database.clone().write_owned().await;
        run(move || {
            let write = opened(database.as_ref())?.begin_write().map_err(failed)?;
            let change = replace(&write, &caller, &key, value.as_deref()).map_err(failed)?;
            if change.after > quota.max(change.before) {
                let used = change.before;
                return Err(Error::overloaded(format!("a caller keeps {quota} bytes at most, and {used} are used")));
            }
            write.commit().map_err(failed)?;
            watches.changed(&caller, &key);
            Ok(change.was_there)
        })
        .await
    }

    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Database) -> Result<T, redb::Error> + Send + 'static,
    ) -> Result<T, Error> {
        let database = self.database.clone().read_owned().await;
        run(move || read(opened(database.as_ref())?).map_err(failed)).await
    }
}

fn prepare(path: &Path) -> Result<Database, redb::Error> {
    let database = Database::builder().set_cache_size(CACHE).create(path)?;
    let write = database.begin_write()?;
    write.open_table(ENTRIES)?;
    write.open_table(SIZES)?;
    write.commit()?;
    Ok(database)
}

/// What a change comes to.
struct Change {
    was_there: bool,
    /// What the caller keeps before and after it, in bytes.
    before: u64,
    after: u64,
}

/// Replaces a value, and accounts for it.
fn replace(write: &WriteTransaction, caller: &str, key: &str, value: Option<&[u8]>) -> Result<Change, redb::Error> {
    let cost = |value: &[u8]| (key.len() + value.len()) as u64;
    let mut entries = write.open_table(ENTRIES)?;
    let old = match value {
        Some(value) => entries.insert((caller, key), value)?,
        None => entries.remove((caller, key))?,
    };
    let old = old.map(|old| cost(old.value()));
    let mut sizes = write.open_table(SIZES)?;
    let before = sizes.get(caller)?.map_or(0, |size| size.value());
    let after = before + value.map_or(0, cost) - old.unwrap_or(0);
    sizes.insert(caller, after)?;
    Ok(Change { was_there: old.is_some(), before, after })
}

fn opened(database: Option<&Database>) -> Result<&Database, Error> {
    database.ok_or_else(|| Error::disconnected("the database is closed".into()))
}

async fn run<T: Send + 'static>(access: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    blocking(access).await?
}

fn failed(error: impl Into<Box<dyn std::error::Error>>) -> Error {
    Error::failed(format!("the database: {}", error.into()))
}
