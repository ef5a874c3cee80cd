//! Calls behind a streaming call that is not done. The local clients of the Cap'n Proto library start such calls in their
//! order, but run each when its caller polls it; everything of ours keeps the order all the way.

use futures::future::try_join_all;

use crate::calls::{end, open, pour_into, sink, write, write_when};
use crate::failure::{Outcome, ensure_eq};
use crate::setting::Setting;

fn up_to(count: u32) -> Vec<u32> {
    (0..count).collect()
}

pub(crate) async fn wait_for_what_was_written_before(setting: &Setting<'_>) -> Outcome {
    let sink = sink(&setting.far).await?;
    let mut writes: Vec<_> = (0..8).map(|number| write(&sink, number)).collect();
    let first = end(&sink);
    writes.push(write_when(&sink, 8, 1));
    let second = end(&sink);
    writes.push(write(&sink, 9));
    let third = end(&sink);
    open(&setting.far, 1).await?;
    let (taken, _) = futures::try_join!(try_join_all([first, second, third]), try_join_all(writes))?;
    ensure_eq!(taken, vec![up_to(8), up_to(9), up_to(10)], "what each of them found");
    Ok(())
}

pub(crate) async fn of_the_near_side_wait_too(setting: &Setting<'_>) -> Outcome {
    let ours = setting.near.sink();
    ensure_eq!(pour_into(&setting.far, &ours, 100).await?, up_to(100), "what the far side found");
    Ok(())
}

pub(crate) async fn go_on_where_nobody_looks_at_the_stream(setting: &Setting<'_>) -> Outcome {
    let sink = sink(&setting.far).await?;
    let writes: Vec<_> = (0..8).map(|number| write(&sink, number)).collect();
    ensure_eq!(end(&sink).await?, up_to(8), "what the end found");
    try_join_all(writes).await?;
    Ok(())
}
