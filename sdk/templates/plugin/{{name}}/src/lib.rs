//! `{{name}}`: a sum that guests add to, for as long as the node runs.

use std::cell::Cell;
use std::rc::Rc;

use ww_plugin::capnp::Error;
use ww_plugin::schemars::{self, JsonSchema};
use ww_plugin::serde::{self, Deserialize};
use ww_plugin::{Caller, Grants, Provider, Result};

use {{crate}}_api::{{module}};

/// What the operator may set: `ww run --set {{name}}.start=100`.
#[derive(Deserialize, JsonSchema)]
#[serde(crate = "self::serde")]
#[schemars(crate = "self::schemars")]
struct Config {
    /// What the sum starts from.
    #[serde(default)]
    start: u64,
}

/// The provider: one sum, for all its callers.
struct Sum(Cell<u64>);

impl Provider for Sum {
    const NAME: &str = "{{name}}";
    const DESCRIPTION: &str = "A sum that guests add to";
    type Config = Config;
    type Client = {{module}}::Client;

    /// Once, when a node opens the plugin.
    async fn open(config: Config, _: Grants) -> Result<Self> {
        Ok(Self(Cell::new(config.start)))
    }

    /// For each guest that grafts `{{name}}`.
    async fn attach(self: Rc<Self>, _: Caller) -> Result<{{module}}::Client> {
        Ok(ww_plugin::new_client_from_rc(self))
    }
}

/// The interface, as its schema describes it.
impl {{module}}::Server for Sum {
    async fn add(
        self: Rc<Self>,
        params: {{module}}::AddParams,
        mut results: {{module}}::AddResults,
    ) -> Result<(), Error> {
        let total = self.0.get().checked_add(params.get()?.get_number());
        let total = total.ok_or_else(|| Error::failed("the sum would be too large".into()))?;
        self.0.set(total);
        results.get().set_total(total);
        Ok(())
    }
}

ww_plugin::export!(Sum);

#[cfg(test)]
mod tests {
    use ww_plugin::testing;

    use super::*;

    #[test]
    fn it_adds_up() -> Result<()> {
        testing::run(async {
            let opened = testing::open::<Sum>(r#"{"start": 40}"#, Grants::default()).await?;
            let sum = opened.attach("guest").await?;
            let mut request = sum.add_request();
            request.get().set_number(2);
            assert_eq!(request.send().promise.await?.get()?.get_total(), 42);

            let mut request = sum.add_request();
            request.get().set_number(u64::MAX);
            assert!(request.send().promise.await.is_err());
            opened.close().await?;
            Ok(())
        })
    }
}
