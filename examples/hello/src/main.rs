use ww_guest::Result;
use ww_guest::system_capnp::host;

fn main() -> std::process::ExitCode {
    ww_guest::run(greet())
}

/// Asks the node for its id, by way of the capability that it was granted under the name `host`.
async fn greet() -> Result<()> {
    let session = ww_guest::graft().await?;
    let host: host::Client = session.get("host")?;
    let answer = host.id_request().send().promise.await?;
    println!("Hello from {}!", answer.get()?.get_peer_id()?.to_str()?);
    Ok(())
}
