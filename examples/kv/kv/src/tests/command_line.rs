//! What an operator types.

use kv_api::kv;
use ww_plugin::Result;
use ww_plugin::testing::{Opened, Ran};

use super::{get, put, with_kv};
use crate::Provider;

/// Runs a command line; its status, and what it wrote.
async fn typed(opened: &Opened<Provider>, args: &[&str]) -> Result<(u8, String, String)> {
    let Ran { status, stdout, stderr } = opened.command_line(args).run().await?;
    Ok((status, String::from_utf8(stdout)?, String::from_utf8(stderr)?))
}

fn done(stdout: &str) -> (u8, String, String) {
    (0, stdout.to_owned(), String::new())
}

#[test]
fn an_operator_has_keys_of_their_own_and_those_of_each_caller() -> Result<()> {
    with_kv(async |opened| {
        let guest = opened.attach("guest").await?;
        put(&guest, "tea", b"black").await?;
        assert_eq!(typed(&opened, &["ls"]).await?, done(""));
        assert_eq!(typed(&opened, &["put", "tea", "-5"]).await?, done(""));
        assert_eq!(typed(&opened, &["get", "tea"]).await?, done("-5"));
        assert_eq!(typed(&opened, &["get", "--of", "guest", "tea"]).await?, done("black"));
        assert_eq!(typed(&opened, &["--of", "guest", "put", "milk", "cold"]).await?, done(""));
        assert_eq!(get(&guest, "milk").await?.as_deref(), Some(&b"cold"[..]));
        assert_eq!(typed(&opened, &["ls", "--of", "guest"]).await?, done("milk\ntea\n"));
        assert_eq!(typed(&opened, &["ls", "t", "--of", "guest"]).await?, done("tea\n"));
        assert_eq!(typed(&opened, &["rm", "tea", "--of", "guest"]).await?, done(""));
        assert_eq!(get(&guest, "tea").await?, None);
        Ok(())
    })
}

#[test]
fn what_is_not_there_is_told_and_ends_with_1() -> Result<()> {
    with_kv(async |opened| {
        let missing = "error: there is no such key; `ww kv ls` with the same `--of` shows all\n";
        for args in [&["get", "tea"], &["rm", "tea"]] {
            assert_eq!(typed(&opened, args).await?, (1, String::new(), missing.to_owned()));
        }
        Ok(())
    })
}

#[test]
fn a_value_comes_from_standard_input_as_it_is() -> Result<()> {
    with_kv(async |opened| {
        let value: Vec<u8> = (0..kv::MAX_VALUE).map(|at| at as u8).collect();
        assert_eq!(opened.command_line(&["put", "it", "-"]).stdin(&value).run().await?.status, 0);
        assert!(opened.command_line(&["get", "it"]).run().await?.stdout == value);
        let longer = [&value[..], b"x"].concat();
        let refused = opened.command_line(&["put", "it", "-"]).stdin(&longer).run().await.map_err(|error| error.extra);
        assert_eq!(refused.err().as_deref(), Some("there are more than 262144 bytes to read, which is the most"));
        Ok(())
    })
}

#[test]
fn nothing_that_a_guest_wrote_reaches_a_terminal_as_a_command() -> Result<()> {
    with_kv(async |opened| {
        put(&opened.attach("guest").await?, "a\n\u{1b}[2J", b"one\n\x1b[2Jtwo\xff").await?;
        assert_eq!(typed(&opened, &["ls", "--of", "guest"]).await?, done("a\\n\\u{1b}[2J\n"));
        let get = ["get", "--of", "guest", "a\n\u{1b}[2J"];
        assert_eq!(
            opened.command_line(&get).on_a_terminal().run().await?.stdout,
            "one\n\\u{1b}[2Jtwo\u{fffd}\n".as_bytes()
        );
        assert_eq!(opened.command_line(&get).run().await?.stdout, b"one\n\x1b[2Jtwo\xff");
        Ok(())
    })
}

#[test]
fn more_keys_than_one_page_holds_are_listed() -> Result<()> {
    with_kv(async |opened| {
        let guest = opened.attach("guest").await?;
        let keys: String = (100..700).map(|number| format!("{number}\n")).collect();
        for key in keys.lines() {
            put(&guest, key, b"").await?;
        }
        assert_eq!(typed(&opened, &["ls", "--of", "guest"]).await?, done(&keys));
        Ok(())
    })
}

#[test]
fn help_is_data_and_a_mistake_is_one_line() -> Result<()> {
    with_kv(async |opened| {
        let (status, help, nothing) = typed(&opened, &["put", "--help"]).await?;
        assert_eq!((status, nothing.as_str()), (0, ""));
        assert!(help.contains("Usage: ww kv put [OPTIONS] <KEY> <VALUE>") && help.contains("--of <CALLER>"), "{help}");
        for (args, mistake) in [
            (&[][..], "'ww kv' requires a subcommand but one was not provided [subcommands: get, put, rm, ls, help]"),
            (&["steal"], "unrecognized subcommand 'steal'"),
            (&["put", "tea"], "the following required arguments were not provided: <VALUE>"),
            (&["get", "tea", "--off", "guest"], "unexpected argument '--off' found"),
            (&["ls", "--of", ""], "a value is required for '--of <CALLER>' but none was supplied"),
        ] {
            let expected = (2, String::new(), format!("error: {mistake}; see `ww kv --help`\n"));
            assert_eq!(typed(&opened, args).await?, expected);
        }
        Ok(())
    })
}
