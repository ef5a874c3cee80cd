//! A guest of `kv`: it counts its starts, keeps a note of each word that it is given, and watches its notes until its input
//! ends.
//!
//! `ww run … -- WORD…`

mod watcher;

use std::pin::pin;
use std::process::ExitCode;

use futures::StreamExt;
use futures::channel::mpsc::UnboundedReceiver;
use futures::future::{Either, select};
use kv_api::kv;
use ww_guest::Result;

use crate::watcher::Watcher;

fn main() -> ExitCode {
    ww_guest::run(visit())
}

async fn visit() -> Result<()> {
    let kv: kv::Client = ww_guest::graft_only(&["kv"]).await?.get("kv")?;
    let visits = 1 + count(&kv).await?;
    put(&kv, "visits", &visits.to_string()).await?;

    let (watcher, mut changes) = Watcher::new();
    let mut request = kv.watch_request();
    request.get().set_prefix("note/");
    request.get().set_watcher(ww_guest::new_client(watcher));
    let watch = request.send().promise.await?.get()?.get_watch()?;
    println!("visit {visits}");
    for word in std::env::args().skip(1) {
        put(&kv, &format!("note/{word}"), &format!("of visit {visits}")).await?;
        if let Some(key) = changes.next().await {
            println!("heard of {key}");
        }
    }
    hear(changes).await?;
    drop(watch);
    list(&kv).await
}

/// Says which keys its operator changes, until the input ends.
async fn hear(mut changes: UnboundedReceiver<String>) -> Result<()> {
    let mut stdin = ww_guest::stdin();
    let mut end = pin!(stdin.read_to_end());
    loop {
        match select(changes.next(), &mut end).await {
            Either::Left((Some(key), _)) => println!("heard of {key}"),
            Either::Left((None, _)) => return Ok(()),
            Either::Right((ended, _)) => return Ok(ended.map(drop)?),
        }
    }
}

/// Prints all notes.
async fn list(kv: &kv::Client) -> Result<()> {
    let mut request = kv.scan_request();
    request.get().set_prefix("note/");
    let cursor = request.send().promise.await?.get()?.get_cursor()?;
    loop {
        let answer = cursor.next_request().send().promise.await?;
        let entries = answer.get()?.get_entries()?;
        if entries.is_empty() {
            return Ok(());
        }
        for entry in entries {
            println!("{}: {}", entry.get_key()?.to_str()?, String::from_utf8_lossy(entry.get_value()?));
        }
    }
}

/// How often this guest was started before.
async fn count(kv: &kv::Client) -> Result<u64> {
    let mut request = kv.get_request();
    request.get().set_key("visits");
    let answer = request.send().promise.await?;
    let answer = answer.get()?;
    Ok(if answer.get_found() { std::str::from_utf8(answer.get_value()?)?.parse()? } else { 0 })
}

async fn put(kv: &kv::Client, key: &str, value: &str) -> Result<()> {
    let mut request = kv.put_request();
    request.get().set_key(key);
    request.get().set_value(value.as_bytes());
    request.send().promise.await?;
    Ok(())
}
