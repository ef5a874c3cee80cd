//! A provider without a node, for its author's tests: the same calls as a node makes, in one process.
//!
//! ```text
//! #[test]
//! fn it_says_hello() {
//!     testing::run(async {
//!         let greeter = testing::open::<Greeter>(json!({ "greeting": "Hello" }), Grants::default()).await.unwrap();
//!         let client = greeter.attach("guest").await.unwrap();
//!         // Call it.
//!         let ran = greeter.command_line(&["greet", "-"]).stdin(b"the milkman").run().await.unwrap();
//!         assert_eq!((ran.status, ran.stdout.as_slice()), (0, &b"Hello, the milkman!\n"[..]));
//!     });
//! }
//! ```

mod command_line;

use std::future::Future;
use std::marker::PhantomData;

use capnp::Error;
use capnp::capability::FromClientHook;
use tokio::runtime::Builder;
use tokio::task::LocalSet;
use ww_capnp::provider_capnp::{command, content, provider, service};

pub use command_line::{CommandLine, Ran};

use crate::serve::Instance;
use crate::{Grants, Provider};

/// Runs a test as a node runs a provider: on one thread.
///
/// # Panics
/// Where the system gives no runtime.
pub fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread().enable_all().build();
    match runtime {
        Ok(runtime) => LocalSet::new().block_on(&runtime, test),
        Err(error) => panic!("start a runtime: {error}"),
    }
}

/// Opens a provider.
///
/// # Errors
/// What [`Provider::open`] says, and where the configuration does not fit.
pub async fn open<P: Provider>(config: impl ToString, grants: Grants) -> capnp::Result<Opened<P>> {
    let provider: provider::Client = ww_call::new_client(Instance::<P>::new("0.0.0"));
    let mut request = provider.open_request();
    request.get().set_config(config.to_string());
    grants.write(request.get().init_grants(u32::try_from(grants.len()).unwrap_or(u32::MAX)));
    let service = request.send().promise.await?.get()?.get_service()?;
    Ok(Opened { provider, service, kind: PhantomData })
}

/// A provider that is open.
pub struct Opened<P> {
    provider: provider::Client,
    service: service::Client,
    kind: PhantomData<P>,
}

impl<P: Provider> Opened<P> {
    /// The capability for a caller of this name.
    ///
    /// # Errors
    /// What [`Provider::attach`] says.
    pub async fn attach(&self, name: &str) -> capnp::Result<P::Client> {
        let mut request = self.service.attach_request();
        request.get().init_caller().set_name(name);
        request.send().promise.await?.get()?.get_cap().get_as_capability()
    }

    /// The command line `ww NAME ARGS…`, to be run.
    pub fn command_line<'a>(&self, args: &'a [&'a str]) -> CommandLine<'a> {
        CommandLine::new(self.service.clone(), args)
    }

    /// What serves `ww NAME ARGS…`.
    ///
    /// # Errors
    /// `unimplemented` where it has no such role.
    pub async fn command(&self) -> capnp::Result<command::Client> {
        role(&self.service, "command").await
    }

    /// What resolves and publishes content paths.
    ///
    /// # Errors
    /// `unimplemented` where it has no such role.
    pub async fn content(&self) -> capnp::Result<content::Client> {
        role(&self.service, "content").await
    }

    /// Closes it.
    ///
    /// # Errors
    /// What [`Provider::close`] says.
    pub async fn close(self) -> capnp::Result<()> {
        self.provider.close_request().send().promise.await?;
        Ok(())
    }
}

async fn role<C: FromClientHook>(service: &service::Client, name: &str) -> Result<C, Error> {
    let mut request = service.role_request();
    request.get().set_name(name);
    request.send().promise.await?.get()?.get_cap().get_as_capability()
}
