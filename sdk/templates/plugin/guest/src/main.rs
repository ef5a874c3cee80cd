//! A guest of `{{name}}`: adds its arguments to the sum, and prints what that is then.

use ww_guest::Result;

use {{crate}}_api::{{module}};

fn main() -> std::process::ExitCode {
    ww_guest::run(add())
}

async fn add() -> Result<()> {
    let sum: {{module}}::Client = ww_guest::graft_only(&["{{name}}"]).await?.get("{{name}}")?;
    for number in std::env::args().skip(1) {
        let mut request = sum.add_request();
        request.get().set_number(number.parse()?);
        println!("{}", request.send().promise.await?.get()?.get_total());
    }
    Ok(())
}
