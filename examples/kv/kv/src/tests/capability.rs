//! What a caller gets.

use std::rc::Rc;

use futures::StreamExt;
use futures::channel::mpsc::{UnboundedSender, unbounded};
use kv_api::{kv, watch, watcher};
use ww_plugin::capnp::{Error, ErrorKind};
use ww_plugin::{Grants, Result, testing};

use super::{QUOTA, delete, get, open, put, with_kv};
use crate::Provider;

#[test]
fn a_configuration_without_a_file_is_refused() {
    testing::run(async {
        let refused = testing::open::<Provider>("", Grants::default()).await.err().map(|error| error.extra);
        assert_eq!(refused.as_deref(), Some("missing field `path` in its configuration"));
    });
}

#[test]
fn a_caller_finds_what_it_kept_again_and_nothing_of_others() -> Result<()> {
    let folder = tempfile::tempdir()?;
    testing::run(async {
        let opened = open(folder.path()).await?;
        let (one, other) = (opened.attach("one").await?, opened.attach("other").await?);
        put(&one, "tea", b"green").await?;
        put(&one, "tea", b"black").await?;
        assert_eq!(get(&one, "tea").await?.as_deref(), Some(&b"black"[..]));
        assert_eq!((get(&one, "milk").await?, get(&other, "tea").await?), (None, None));
        opened.close().await?;
        let closed = get(&one, "tea").await.map_err(|error| error.kind);
        assert_eq!(closed, Err(ErrorKind::Disconnected));

        let opened = open(folder.path()).await?;
        let one = opened.attach("one").await?;
        assert_eq!(get(&one, "tea").await?.as_deref(), Some(&b"black"[..]));
        assert_eq!((delete(&one, "tea").await?, delete(&one, "tea").await?), (true, false));
        assert_eq!(get(&one, "tea").await?, None);
        Ok(())
    })
}

#[test]
fn keys_and_values_have_a_longest() -> Result<()> {
    with_kv(async |opened| {
        let kv = opened.attach("guest").await?;
        let (key, value) = ("k".repeat(kv::MAX_KEY as usize), vec![0; kv::MAX_VALUE as usize]);
        put(&kv, &key, &value).await?;
        let refused = |outcome: Result<_, Error>| outcome.err().map(|error| error.extra);
        let longer = refused(put(&kv, &(key.clone() + "k"), b"").await);
        assert_eq!(longer.as_deref(), Some("a key of 1025 bytes; 1024 is the most"));
        let longer = refused(put(&kv, &key, &[value, vec![0]].concat()).await);
        assert_eq!(longer.as_deref(), Some("a value of 262145 bytes; 262144 is the most"));
        assert_eq!(refused(put(&kv, "", b"").await).as_deref(), Some("a key has at least 1 byte"));
        Ok(())
    })
}

#[test]
fn a_caller_keeps_what_it_may_and_no_more() -> Result<()> {
    with_kv(async |opened| {
        let kv = opened.attach("guest").await?;
        let value = vec![0; (QUOTA / 4) as usize];
        for key in ["a", "b", "c"] {
            put(&kv, key, &value).await?;
        }
        let full = put(&kv, "d", &value).await.map_err(|error| (error.kind, error.extra));
        let text = format!("a caller keeps {QUOTA} bytes at most, and {} are used", 3 * (value.len() + 1));
        assert_eq!(full, Err((ErrorKind::Overloaded, text)));
        assert_eq!(get(&kv, "d").await?, None);
        // What is replaced or removed makes room, and others have their own.
        put(&kv, "a", b"").await?;
        put(&kv, "d", &value).await?;
        put(&opened.attach("other").await?, "a", &value).await?;
        Ok(())
    })
}

#[test]
fn a_cursor_goes_through_keys_in_order_while_others_change_them() -> Result<()> {
    with_kv(async |opened| {
        let kv = opened.attach("guest").await?;
        let keys: Vec<_> = (0..300).map(|number| format!("n/{number:03}")).collect();
        for key in keys.iter().rev().map(String::as_str).chain(["m", "n", "o"]) {
            put(&kv, key, b"").await?;
        }
        let mut request = kv.scan_request();
        request.get().set_prefix("n/");
        let cursor = request.send().promise.await?.get()?.get_cursor()?;
        let mut found = Vec::new();
        for most in [10, 0, 0, 0] {
            let mut request = cursor.next_request();
            request.get().set_max_entries(most);
            let answer = request.send().promise.await?;
            let entries = answer.get()?.get_entries()?;
            found.push(entries.iter().map(|it| Ok(it.get_key()?.to_string()?)).collect::<Result<Vec<_>, Error>>()?);
            delete(&kv, "n/000").await?;
        }
        assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [10, 256, 34, 0]);
        assert_eq!(found.concat(), keys);
        Ok(())
    })
}

/// Passes on what it is told.
struct Watcher(UnboundedSender<(Vec<String>, bool)>);

impl watcher::Server for Watcher {
    async fn changed(self: Rc<Self>, params: watcher::ChangedParams, _: watcher::ChangedResults) -> Result<(), Error> {
        let params = params.get()?;
        let keys = params.get_keys()?.iter().map(|key| Ok(key?.to_string()?)).collect::<Result<_, Error>>()?;
        self.0.unbounded_send((keys, params.get_more())).map_err(|_| Error::disconnected("nobody listens".into()))
    }
}

async fn watch(kv: &kv::Client, prefix: &str, watcher: Watcher) -> Result<watch::Client, Error> {
    let mut request = kv.watch_request();
    request.get().set_prefix(prefix);
    request.get().set_watcher(ww_plugin::new_client(watcher));
    request.send().promise.await?.get()?.get_watch()
}

#[test]
fn a_watcher_is_told_of_changes_whoever_makes_them() -> Result<()> {
    with_kv(async |opened| {
        let kv = opened.attach("guest").await?;
        let (sender, mut told) = unbounded();
        let watch = watch(&kv, "tea/", Watcher(sender)).await?;
        put(&kv, "milk", b"").await?;
        put(&opened.attach("other").await?, "tea/other", b"").await?;
        put(&kv, "tea/green", b"").await?;
        assert_eq!(told.next().await, Some((vec!["tea/green".to_owned()], false)));
        opened.command_line(&["put", "--of", "guest", "tea/black", "1"]).run().await?;
        assert_eq!(told.next().await, Some((vec!["tea/black".to_owned()], false)));
        opened.command_line(&["rm", "--of", "guest", "tea/green"]).run().await?;
        assert_eq!(told.next().await, Some((vec!["tea/green".to_owned()], false)));
        // The watcher goes with the watch.
        drop(watch);
        assert_eq!(told.next().await, None);
        Ok(())
    })
}

#[test]
fn a_caller_has_64_watches_at_once() -> Result<()> {
    with_kv(async |opened| {
        let kv = opened.attach("guest").await?;
        let (sender, _told) = unbounded();
        let mut watches = Vec::new();
        for _ in 0..64 {
            watches.push(watch(&kv, "", Watcher(sender.clone())).await?);
        }
        let refused = watch(&kv, "", Watcher(sender.clone())).await.err().map(|error| (error.kind, error.extra));
        assert_eq!(refused, Some((ErrorKind::Overloaded, "64 watches are open, which is the most".to_owned())));
        watches.pop();
        watch(&kv, "", Watcher(sender)).await?;
        Ok(())
    })
}
