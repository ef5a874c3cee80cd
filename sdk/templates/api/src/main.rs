//! A guest that uses `{{capability}}`, whose interface is that of the crate `{{api}}`.

use ww_guest::Result;

use {{path}};

fn main() -> std::process::ExitCode {
    ww_guest::run(call())
}

/// Grafts `{{capability}}`: what its operator grants by `ww run --plugin FILE`, where FILE is a plugin that supplies it.
async fn call() -> Result<()> {
    let client: {{module}}::Client = ww_guest::graft_only(&["{{capability}}"]).await?.get("{{capability}}")?;
    // A call is a request that is filled in and sent. There are: {{methods}}.
    // let answer = client.{{method}}_request().send().promise.await?;
    drop(client);
    println!("{{capability}} is here");
    Ok(())
}
