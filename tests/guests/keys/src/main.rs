//! A guest of `kv`, for the tests: its first argument says what it does.

mod lent;
mod thief;

use std::process::ExitCode;

use kv_api::kv;
use ww_guest::Result;

fn main() -> ExitCode {
    ww_guest::run(run())
}

async fn run() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["each", names @ ..] => each(names).await,
        ["lent"] => lent::run().await,
        other => Err(ww_guest::Error::new(format!("nobody taught me {other:?}"))),
    }
}

/// Keeps the name of each instance in it, and then says what each has kept.
async fn each(names: &[&str]) -> Result<()> {
    let session = ww_guest::graft_only(names).await?;
    for name in names {
        put(&session.get(name)?, name).await?;
    }
    for name in names {
        let kv: kv::Client = session.get(name)?;
        let mut request = kv.get_request();
        request.get().set_key("name");
        let answer = request.send().promise.await?;
        println!("{name}: {}", String::from_utf8_lossy(answer.get()?.get_value()?));
    }
    Ok(())
}

async fn put(kv: &kv::Client, value: &str) -> capnp::Result<()> {
    let mut request = kv.put_request();
    request.get().set_key("name");
    request.get().set_value(value.as_bytes());
    request.send().promise.await.map(drop)
}
