//! What is shown while something takes its time.

use std::future::Future;
use std::io::IsTerminal;
use std::time::Duration;

use indicatif::ProgressBar;

/// What is done sooner needs no word.
const PATIENCE: Duration = Duration::from_millis(500);

const SPIN: Duration = Duration::from_millis(100);

/// Shows `text` with a spinner while `work` takes longer than half a second, on a terminal only.
pub(crate) async fn show<T>(text: &str, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    if !std::io::stderr().is_terminal() {
        return work.await;
    }
    if let Ok(done) = tokio::time::timeout(PATIENCE, &mut work).await {
        return done;
    }
    let spinner = ProgressBar::new_spinner().with_message(text.to_owned());
    spinner.enable_steady_tick(SPIN);
    let done = work.await;
    spinner.finish_and_clear();
    done
}
