//! Waiting without a clock.

use std::future::poll_fn;
use std::task::Poll;

/// Lets everything else that is ready run, `count` times.
pub(crate) async fn turns(mut count: u32) {
    poll_fn(|context| {
        if count == 0 {
            return Poll::Ready(());
        }
        count -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
