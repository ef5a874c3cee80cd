//! Calls what a person names: a command a line, an answer a line.

use std::time::Duration;

use ww_guest::Result;
use ww_guest::capnp::capability::{Promise, Response};
use ww_guest::capnp::{Error, text_list};
use ww_guest::system_capnp::{executor, host, peer_info};

/// Long enough for whatever is told to happen.
const MOMENT: Duration = Duration::from_millis(100);

/// Reads commands to the end of the input, or to `quit`. The first word of a line is how its answer begins.
pub async fn run() -> Result<()> {
    let mut stdin = ww_guest::stdin();
    println!("ready");
    while let Some(line) = stdin.read_line().await? {
        let (number, command) = line.split_once(' ').unwrap_or((&line, ""));
        let words: Vec<&str> = command.split_whitespace().collect();
        if line == "quit" {
            return Ok(());
        }
        match answer(&words).await {
            Ok(answer) => println!("{number}: {answer}"),
            Err(error) => println!("{number}: error {error}"),
        }
    }
    Ok(())
}

async fn answer(words: &[&str]) -> Result<String> {
    match words {
        ["graft", names @ ..] => {
            let session = ww_guest::graft_only(names).await?;
            Ok(session.names().collect::<Vec<_>>().join(" "))
        }
        ["id"] => {
            let answer = host().await?.id_request().send().promise.await?;
            Ok(answer.get()?.get_peer_id()?.to_string()?)
        }
        ["addrs"] => {
            let answer = host().await?.addrs_request().send().promise.await?;
            texts(answer.get()?.get_addrs()?)
        }
        ["peers"] => {
            let answer = host().await?.peers_request().send().promise.await?;
            let peers = answer.get()?.get_peers()?.iter().map(peer).collect::<Result<Vec<_>>>()?;
            Ok(peers.join(" "))
        }
        ["connect", addr] => {
            let mut request = host().await?.connect_request();
            request.get().set_addr(addr);
            let answer = request.send().promise.await?;
            peer(answer.get()?.get_peer()?)
        }
        ["echo", name, message] => {
            let answer = echo(name, message).await?.await?;
            Ok(answer.get()?.get_response()?.to_string()?)
        }
        ["give-up", name, message] => {
            let call = echo(name, message).await?;
            ww_guest::sleep(MOMENT).await;
            drop(call);
            Ok("given up".to_owned())
        }
        ["wait"] => {
            ww_guest::sleep(MOMENT).await;
            Ok("waited".to_owned())
        }
        other => Ok(format!("nobody taught me {other:?}")),
    }
}

/// Asks whoever goes by this name to say something.
async fn echo(name: &str, message: &str) -> Result<Promise<Response<executor::echo_results::Owned>, Error>> {
    let executor: executor::Client = ww_guest::graft_only(&[name]).await?.get(name)?;
    let mut request = executor.echo_request();
    request.get().set_message(message);
    Ok(request.send().promise)
}

async fn host() -> Result<host::Client> {
    ww_guest::graft().await?.get("host")
}

fn peer(peer: peer_info::Reader<'_>) -> Result<String> {
    Ok(format!("{}@{}", peer.get_peer_id()?.to_str()?, texts(peer.get_addrs()?)?))
}

fn texts(list: text_list::Reader<'_>) -> Result<String> {
    let texts = list.iter().map(|text| Ok(text?.to_string()?)).collect::<Result<Vec<_>>>()?;
    Ok(texts.join(","))
}
