//! Capabilities that cross the border of a native plugin: asked for, called, and dropped.

use std::rc::Rc;

use membrane::{Grants, Membrane, Registry};
use tokio::task::yield_now;
use ww_tests::binary::plugin;
use ww_tests::say::say;
use ww_tests::scale::scaled;

use crate::alone::alone;
use crate::bench_capnp::echo;
use crate::held::Held;
use crate::node::Node;
use crate::provider;

/// How many cycles in full.
const CYCLES: u32 = 10_000;

/// Cycles before the first look: pools and tables grow to their size once.
const FIRST: u32 = 200;

/// Capabilities in an answer of the plugin's.
const CAPS: u16 = 4;

const NAME: &str = "echo";

/// A message that is copied over the border, and one that is handed over.
const SIZES: [usize; 2] = [16, 64 << 10];

/// A new capability of the plugin's, and new ones that it answers with: all are called, and dropped; one of them in the
/// middle of a call.
async fn cycle(node: &Node, registry: &Rc<Registry>) -> capnp::Result<()> {
    let membrane = Membrane::client(registry.clone(), Grants::all(), node.worker.clone(), "soak".into());
    let answer = membrane.graft_request().send().promise.await?;
    let echo: echo::Client = answer.get()?.get_caps()?.get(0).get_cap().get_as_capability()?;
    for size in SIZES {
        says(&echo, size).await?;
    }
    let mut request = echo.caps_request();
    request.get().set_count(CAPS);
    request.get().set_fresh(true);
    let answer = request.send().promise.await?;
    for cap in answer.get()?.get_caps()? {
        says(&cap?, SIZES[0]).await?;
    }
    let given_up = echo.never_request().send().promise;
    let mut later = echo.later_request();
    later.get().set_data(b"later");
    later.send().promise.await?;
    drop(given_up);
    // Whoever calls on a node has turns, and the border has its own between them.
    yield_now().await;
    Ok(())
}

async fn says(echo: &echo::Client, size: usize) -> capnp::Result<()> {
    let mut request = echo.echo_request();
    let data = vec![7; size];
    request.get().set_data(&data);
    let answer = request.send().promise.await?;
    assert_eq!(answer.get()?.get_data()?, data);
    Ok(())
}

#[test]
fn capabilities_of_a_plugin_leave_nothing() {
    alone(async |node| {
        let library = plugin(provider::CRATE);
        let (registry, providers) = provider::open(&library, NAME, &node.worker).await.expect("open the plugin");
        let registry = Rc::new(registry);
        for _ in 0..FIRST {
            cycle(node, &registry).await.expect("a cycle");
        }
        let (before, count) = (Held::now(node), scaled(CYCLES));
        for _ in 0..count {
            cycle(node, &registry).await.expect("a cycle");
        }
        say(&format!("{count} times capabilities of a plugin were asked for, called and dropped"));
        before.again(node, "after the last cycle").await;
        providers.close().await;
        // What is left of it is not there any more.
        assert!(cycle(node, &registry).await.is_err());
    });
}
