//! What an operator types.

use std::time::UNIX_EPOCH;

use humantime::parse_rfc3339;
use serde_json::json;
use ww_plugin::Result;
use ww_plugin::testing::Opened;

use super::{machine, with_clock};
use crate::Provider;

/// Runs a command line; its status, and what it wrote.
async fn typed(opened: &Opened<Provider>, args: &[&str]) -> Result<(u8, String, String)> {
    let ran = opened.command_line(args).run().await?;
    Ok((ran.status, String::from_utf8(ran.stdout)?, String::from_utf8(ran.stderr)?))
}

#[test]
fn an_operator_reads_the_time() -> Result<()> {
    with_clock(json!({ "offset": -3600 }), async |opened| {
        let before = machine();
        let (status, line, nothing) = typed(&opened, &["now"]).await?;
        assert_eq!((status, nothing.as_str()), (0, ""));
        let said = parse_rfc3339(line.trim_end())?.duration_since(UNIX_EPOCH)?.as_nanos() as i128;
        assert!((before..=machine()).contains(&(said + 3600 * 1_000_000_000)), "{line}");
        assert_eq!(line.len(), "2026-01-01T00:00:00.000000000Z\n".len());
        Ok(())
    })
}

#[test]
fn a_time_that_is_not_written_so_is_told() -> Result<()> {
    for offset in [-4_000_000_000_i64, 260_000_000_000] {
        with_clock(json!({ "offset": offset }), async |opened| {
            let refused = typed(&opened, &["now"]).await.err().map(|error| error.to_string()).unwrap_or_default();
            let text = "are outside the years 1970 to 9999; the clock's `offset` or `rate` is too much";
            assert!(refused.contains(text), "{refused}");
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn help_is_data_and_a_mistake_is_one_line() -> Result<()> {
    with_clock(json!({}), async |opened| {
        let (status, help, nothing) = typed(&opened, &["--help"]).await?;
        assert_eq!((status, nothing.as_str()), (0, ""));
        assert!(help.starts_with("Usage: ww clock now\n"), "{help}");
        for args in [&[][..], &["then"], &["now", "then"]] {
            let mistake = "error: the only command is `ww clock now`; see `ww clock --help`\n";
            assert_eq!(typed(&opened, args).await?, (2, String::new(), mistake.to_owned()));
        }
        Ok(())
    })
}
