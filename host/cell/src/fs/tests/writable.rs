//! What a guest does in `/tmp` and `/var`, and what becomes of it on the host.

use super::super::bindings::types::NewTimestamp;
use super::*;
use std::time::Duration;
use wasmtime_wasi::p2::bindings::clocks::wall_clock::Datetime;
use wasmtime_wasi_io::streams::StreamError;

#[tokio::test]
async fn nothing_is_on_the_disk_before_it_is_written() {
    let mut world = World::new();
    let (state, tmp) = (world.host.path().join("state"), world.host.path().join("tmp"));
    world.list("var").await.unwrap();
    world.list("tmp").await.unwrap();
    assert_eq!(world.read("var/x").await, Err(ErrorCode::NoEntry));
    assert_eq!(world.unlink("var/x").await, Err(ErrorCode::NoEntry));
    assert_eq!(world.write("var/a/b", "x").await, Err(ErrorCode::NoEntry));
    assert_eq!(world.rename("var/x", "var/y").await, Err(ErrorCode::NoEntry));
    assert!(!state.exists() && !tmp.exists());

    world.write("var/x", "kept").await.unwrap();
    assert_eq!(std::fs::read_to_string(state.join("x")).unwrap(), "kept");
    assert!(!tmp.exists());
    world.mkdir("tmp/d").await.unwrap();
    assert_eq!(std::fs::read_dir(&tmp).unwrap().count(), 1);
}

#[tokio::test]
async fn tmp_goes_with_the_cell_and_var_stays() {
    let mut world = World::new();
    world.write("tmp/x", "gone").await.unwrap();
    world.write("var/x", "kept").await.unwrap();
    let open = world.open("tmp/x", OpenFlags::empty(), READ).await.unwrap();
    let World { host, ctx, table } = world;
    drop((ctx, table, open));
    let tmp = host.path().join("tmp");
    for _ in 0..200 {
        if std::fs::read_dir(&tmp).unwrap().count() == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(std::fs::read_dir(&tmp).unwrap().count(), 0);
    assert_eq!(std::fs::read_to_string(host.path().join("state/x")).unwrap(), "kept");
}

/// Ends a cell in the middle of making something in `/tmp`, at any moment.
#[test]
fn tmp_goes_with_a_cell_that_ends_while_it_makes_files() {
    for round in 0..400 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let host = runtime.block_on(async {
            let mut world = World::new();
            let makes = async {
                for number in 0.. {
                    world.mkdir(&format!("tmp/{number}")).await.unwrap();
                    world.write(&format!("tmp/{number}/x"), "x").await.unwrap();
                }
            };
            let moment = Duration::from_micros(round * 37 % 3000);
            assert!(tokio::time::timeout(moment, makes).await.is_err());
            world.host
        });
        // It waits for all jobs that have begun.
        drop(runtime);
        let left = std::fs::read_dir(host.path().join("tmp")).map_or(0, Iterator::count);
        assert_eq!(left, 0, "in round {round}");
    }
}

#[test]
fn tmp_goes_when_the_runtime_does() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let one = runtime();
    let host = one.block_on(async {
        let mut world = World::new();
        world.write("tmp/x", "gone").await.unwrap();
        world.host
    });
    drop(one);
    assert_eq!(std::fs::read_dir(host.path().join("tmp")).unwrap().count(), 0);
}

#[tokio::test]
async fn what_was_in_var_is_there() {
    let mut world = World::new();
    let state = world.host.path().join("state");
    std::fs::create_dir_all(state.join("lib")).unwrap();
    std::fs::write(state.join("lib/db"), "12345").unwrap();
    assert_eq!(world.list("var").await.unwrap(), ["lib"]);
    assert_eq!(world.read("var/lib/db").await.unwrap(), "12345");
    assert_eq!(world.ctx.disk_used(), 0);
    world.write("var/lib/new", "678").await.unwrap();
    assert_eq!(world.ctx.disk_used(), 8);
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_in_place_of_the_state_directory_is_not_followed() {
    let mut world = World::new();
    let elsewhere = world.host.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    host_link(&elsewhere, world.host.path().join("state"));
    assert!(world.write("var/x", "x").await.is_err());
    assert!(world.list("var").await.is_err());
    assert_eq!(std::fs::read_dir(&elsewhere).unwrap().count(), 0);
}

#[tokio::test]
async fn files_are_written_at_every_place() {
    let mut world = World::new();
    let fd = world.open("tmp/f", OpenFlags::CREATE | OpenFlags::EXCLUSIVE, READ | WRITE).await.unwrap();
    assert_eq!(world.fs().write(borrow(&fd), b"hello".to_vec(), 0).await.unwrap(), 5);
    assert_eq!(world.fs().write(borrow(&fd), b"J".to_vec(), 0).await.unwrap(), 1);
    assert_eq!(world.fs().write(borrow(&fd), b"!".to_vec(), 7).await.unwrap(), 1);
    assert_eq!(world.fs().read(borrow(&fd), 100, 0).await.unwrap(), (b"Jello\0\0!".to_vec(), false));
    assert_eq!(world.fs().read(borrow(&fd), 100, 8).await.unwrap(), (Vec::new(), true));
    world.fs().set_size(borrow(&fd), 2).await.unwrap();
    assert_eq!(world.read("tmp/f").await.unwrap(), "Je");
    world.fs().set_size(borrow(&fd), 3).await.unwrap();
    assert_eq!(world.fs().stat(borrow(&fd)).await.unwrap().size, 3);
    world.fs().sync_data(borrow(&fd)).await.unwrap();
    world.fs().sync(borrow(&fd)).await.unwrap();
    assert!(world.fs().get_flags(borrow(&fd)).unwrap() == READ | WRITE);

    let reader = world.open("tmp/f", OpenFlags::empty(), READ).await.unwrap();
    assert_eq!(world.fs().write(borrow(&reader), vec![1], 0).await.map_err(code), Err(ErrorCode::BadDescriptor));
    assert_eq!(
        world.open("tmp/f", OpenFlags::CREATE | OpenFlags::EXCLUSIVE, WRITE).await.unwrap_err(),
        ErrorCode::Exist
    );
    let emptied = world.open("tmp/f", OpenFlags::TRUNCATE, WRITE).await.unwrap();
    assert_eq!(world.fs().stat(emptied).await.unwrap().size, 0);
}

#[tokio::test]
async fn streams_write_and_read_in_order() {
    let mut world = World::new();
    let fd = world.open("tmp/f", OpenFlags::CREATE, READ | WRITE).await.unwrap();
    let mut expected = Vec::new();
    for append in [false, true] {
        let stream = if append {
            world.fs().append_via_stream(borrow(&fd)).unwrap()
        } else {
            world.fs().write_via_stream(borrow(&fd), 0).unwrap()
        };
        let output = world.table.get_mut(&stream).unwrap();
        for index in 0..20 {
            let part = vec![b'a' + index; 1000];
            assert!(output.write_ready().await.unwrap() >= part.len());
            output.write(part.clone().into()).unwrap();
            expected.extend_from_slice(&part);
        }
        // What was taken is written, whether the guest waits for it or not.
        output.cancel().await;
        assert!(matches!(output.check_write(), Err(StreamError::Closed)));
        world.table.delete(stream).unwrap();
    }
    let stream = world.fs().read_via_stream(borrow(&fd), 5).unwrap();
    let input = world.table.get_mut(&stream).unwrap();
    let mut found = Vec::new();
    loop {
        match input.blocking_read(777).await {
            Ok(data) => found.extend_from_slice(&data),
            Err(StreamError::Closed) => break,
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(found, expected[5..]);
    // The file may grow: a reader at its end sees what is added.
    world.fs().write(borrow(&fd), b"more".to_vec(), expected.len() as u64).await.unwrap();
    let input = world.table.get_mut(&stream).unwrap();
    assert_eq!(&input.blocking_read(10).await.unwrap()[..], b"more");
}

#[tokio::test]
async fn names_are_made_moved_and_removed() {
    let mut world = World::new();
    world.mkdir("tmp/a").await.unwrap();
    world.mkdir("tmp/a/b/").await.unwrap();
    world.write("tmp/a/b/f", "1").await.unwrap();
    assert_eq!(world.mkdir("tmp/a").await, Err(ErrorCode::Exist));
    assert_eq!(world.mkdir("tmp/x/y").await, Err(ErrorCode::NoEntry));
    assert_eq!(world.rmdir("tmp/a").await, Err(ErrorCode::NotEmpty));
    assert_eq!(world.rmdir("tmp/a/b/f").await, Err(ErrorCode::NotDirectory));
    assert_eq!(world.unlink("tmp/a").await, Err(ErrorCode::IsDirectory));
    assert_eq!(world.unlink("tmp/a/b/f/").await, Err(ErrorCode::NotDirectory));

    world.rename("tmp/a/b", "tmp/c").await.unwrap();
    world.rename("tmp/c/f", "tmp/f").await.unwrap();
    world.write("tmp/g", "2").await.unwrap();
    world.rename("tmp/f", "tmp/g").await.unwrap();
    assert_eq!(world.read("tmp/g").await.unwrap(), "1");
    assert_eq!(world.rename("tmp/none", "tmp/h").await, Err(ErrorCode::NoEntry));
    assert_eq!(world.rename("tmp/a", "tmp/a/in").await, Err(ErrorCode::Invalid));
    assert_eq!(world.rename("tmp/a", "tmp/g").await, Err(ErrorCode::NotDirectory));
    assert_eq!(world.rename("tmp/g", "tmp/a").await, Err(ErrorCode::IsDirectory));
    assert_eq!(world.rename("tmp/g", "var/g").await, Err(ErrorCode::CrossDevice));
    assert_eq!(world.rename("tmp/g", "etc/g").await, Err(ErrorCode::ReadOnly));

    world.link("tmp/g", "tmp/h").await.unwrap();
    assert_eq!(world.stat("tmp/h").await.unwrap().link_count, 2);
    assert_eq!(world.link("tmp/g", "tmp/h").await, Err(ErrorCode::Exist));
    assert_eq!(world.link("tmp/a", "tmp/i").await, Err(ErrorCode::NotPermitted));
    assert_eq!(world.link("tmp/g", "var/i").await, Err(ErrorCode::CrossDevice));
    assert_eq!(world.link("tmp/none", "tmp/i").await, Err(ErrorCode::NoEntry));

    for name in ["tmp/g", "tmp/h"] {
        world.unlink(name).await.unwrap();
    }
    world.rmdir("tmp/a").await.unwrap();
    world.rmdir("tmp/c").await.unwrap();
    assert_eq!(world.list("tmp").await.unwrap(), [""; 0]);
    assert_eq!(world.ctx.disk_used(), 0);
}

#[tokio::test]
async fn times_can_be_set() {
    let mut world = World::new();
    world.write("tmp/f", "").await.unwrap();
    world.symlink("f", "tmp/l").await.unwrap();
    let time = |seconds| NewTimestamp::Timestamp(Datetime { seconds, nanoseconds: 5 });
    let set = async |world: &mut World, flags, path: &str, seconds| {
        let root = world.root();
        let (read, write) = (NewTimestamp::NoChange, time(seconds));
        world.fs().set_times_at(root, flags, path.to_owned(), read, write).await.map_err(code)
    };
    set(&mut world, FOLLOW, "tmp/l", 1000).await.unwrap();
    assert_eq!(world.stat("tmp/f").await.unwrap().data_modification_timestamp.unwrap().seconds, 1000);
    set(&mut world, PathFlags::empty(), "tmp/l", 2000).await.unwrap();
    assert_eq!(world.stat("tmp/f").await.unwrap().data_modification_timestamp.unwrap().seconds, 1000);
    set(&mut world, FOLLOW, "tmp", 3000).await.unwrap();
    assert_eq!(world.stat("tmp").await.unwrap().data_modification_timestamp.unwrap().seconds, 3000);
    assert_eq!(set(&mut world, FOLLOW, "etc/name", 1).await, Err(ErrorCode::ReadOnly));
    assert_eq!(set(&mut world, FOLLOW, "tmp/f", u64::MAX).await, Err(ErrorCode::Overflow));

    let fd = world.open("tmp/f", OpenFlags::empty(), WRITE).await.unwrap();
    world.fs().set_times(borrow(&fd), time(7), NewTimestamp::NoChange).await.unwrap();
    let stat = world.fs().stat(borrow(&fd)).await.unwrap();
    assert_eq!(stat.data_access_timestamp.unwrap().seconds, 7);
    assert_eq!(stat.data_modification_timestamp.unwrap().seconds, 1000);
}

#[tokio::test]
async fn a_removed_file_lives_until_it_is_closed() {
    let mut world = World::new();
    world.write("tmp/f", "12345").await.unwrap();
    let fd = world.open("tmp/f", OpenFlags::empty(), READ | WRITE).await.unwrap();
    world.unlink("tmp/f").await.unwrap();
    assert_eq!(world.fs().read(borrow(&fd), 9, 0).await.unwrap().0, b"12345");
    world.fs().write(borrow(&fd), b"678".to_vec(), 5).await.unwrap();
    assert_eq!(world.ctx.disk_used(), 8, "its bytes are still on the disk");
    world.close(fd);
    world.stat("tmp").await.unwrap();
    assert_eq!(world.ctx.disk_used(), 0, "they are free before anything else is done");
}
