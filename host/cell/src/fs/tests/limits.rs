//! Every limit, reached.

use super::super::limits::{
    MAX_DEPTH, MAX_DESCRIPTORS, MAX_DISK, MAX_ENTRIES, MAX_PATH, MAX_READ, MAX_STREAMS, MAX_WRITE,
};
use super::super::{Budget, FsLimits};
use super::*;

const FULL: Result<(), ErrorCode> = Err(ErrorCode::InsufficientSpace);

fn small(disk: u64, entries: u64) -> World {
    World::with(FsLimits { disk, entries, ..FsLimits::default() })
}

#[tokio::test]
async fn descriptors_are_bounded() {
    let mut world = World::new();
    world.write("tmp/f", "x").await.unwrap();
    let mut held = Vec::new();
    for index in 0..MAX_DESCRIPTORS - 1 {
        let path = ["etc/name", "tmp/f", "etc"][index % 3];
        held.push(world.open(path, OpenFlags::empty(), READ).await.unwrap());
    }
    let root = world.root();
    let stream = world.fs().read_directory(root).await.unwrap();
    for path in ["etc/name", "tmp/f", "etc"] {
        assert_eq!(world.open(path, OpenFlags::empty(), READ).await.unwrap_err(), ErrorCode::Quota);
    }
    let root = world.root();
    assert_eq!(world.fs().read_directory(root).await.map_err(code).unwrap_err(), ErrorCode::Quota);
    HostDirectoryEntryStream::drop(&mut world.fs(), stream).unwrap();
    assert!(world.read("etc/name").await.is_ok());

    // A stream keeps its file open.
    let last = world.open("etc/name", OpenFlags::empty(), READ).await.unwrap();
    let stream = world.fs().read_via_stream(borrow(&last), 0).unwrap();
    world.close(last);
    assert_eq!(world.read("etc/name").await, Err(ErrorCode::Quota));
    world.table.delete(stream).unwrap();
    assert!(world.read("etc/name").await.is_ok());
}

#[tokio::test]
async fn streams_are_bounded() {
    let mut world = World::new();
    let fd = world.open("tmp/f", OpenFlags::CREATE, READ | WRITE).await.unwrap();
    let mut inputs: Vec<_> = (1..MAX_STREAMS).map(|_| world.fs().read_via_stream(borrow(&fd), 0).unwrap()).collect();
    let output = world.fs().append_via_stream(borrow(&fd)).unwrap();
    assert_eq!(world.fs().read_via_stream(borrow(&fd), 0).map_err(code).unwrap_err(), ErrorCode::Quota);
    assert_eq!(world.fs().write_via_stream(borrow(&fd), 0).map_err(code).unwrap_err(), ErrorCode::Quota);
    world.table.delete(inputs.remove(0)).unwrap();
    assert!(world.fs().read_via_stream(borrow(&fd), 0).is_ok());
    world.table.delete(output).unwrap();
    assert!(world.fs().append_via_stream(borrow(&fd)).is_ok());
}

#[tokio::test]
async fn one_read_and_one_write_are_bounded() {
    let mut world = World::new();
    std::fs::write(world.image().join("big"), vec![7; 3 * MAX_READ]).unwrap();
    let fd = world.open("big", OpenFlags::empty(), READ).await.unwrap();
    assert_eq!(world.fs().read(borrow(&fd), u64::MAX, 0).await.unwrap().0.len(), MAX_READ);
    let stream = world.fs().read_via_stream(borrow(&fd), 0).unwrap();
    let input = world.table.get_mut(&stream).unwrap();
    let mut total = 0;
    while let Ok(part) = input.blocking_read(usize::MAX).await {
        assert!(part.len() <= MAX_READ);
        total += part.len();
    }
    assert_eq!(total, 3 * MAX_READ);

    let fd = world.open("tmp/f", OpenFlags::CREATE, WRITE).await.unwrap();
    let stream = world.fs().append_via_stream(fd).unwrap();
    let output = world.table.get_mut(&stream).unwrap();
    assert_eq!(output.check_write().unwrap(), MAX_WRITE);
    output.write(vec![0; MAX_WRITE].into()).unwrap();
    output.ready().await;
    assert!(output.write(vec![0; MAX_WRITE + 1].into()).is_err());
}

#[tokio::test]
async fn the_disk_is_bounded() {
    let mut world = small(1000, 100);
    world.write("tmp/a", &"a".repeat(600)).await.unwrap();
    let fd = world.open("var/b", OpenFlags::CREATE, READ | WRITE).await.unwrap();
    assert_eq!(world.fs().write(borrow(&fd), vec![1; 600], 0).await.unwrap(), 400, "as much as there is room for");
    assert_eq!(world.fs().write(borrow(&fd), vec![1], 400).await.map_err(code).map(drop), FULL);
    assert_eq!(world.fs().write(borrow(&fd), vec![1], 1 << 40).await.map_err(code).map(drop), FULL);
    assert_eq!(world.fs().write(borrow(&fd), vec![1], u64::MAX).await.map_err(code), Err(ErrorCode::FileTooLarge));
    assert_eq!(world.fs().set_size(borrow(&fd), 401).await.map_err(code), FULL);
    assert_eq!(world.fs().write(borrow(&fd), vec![2; 400], 0).await.unwrap(), 400, "what is there can be changed");
    assert_eq!(world.symlink("x", "tmp/link").await, FULL);

    let stream = world.fs().append_via_stream(borrow(&fd)).unwrap();
    let output = world.table.get_mut(&stream).unwrap();
    output.write(vec![0; 10].into()).unwrap();
    output.ready().await;
    let error = match output.check_write() {
        Err(wasmtime_wasi_io::streams::StreamError::LastOperationFailed(error)) => error,
        other => panic!("{other:?}"),
    };
    let error = world.table.push(error).unwrap();
    let told = super::super::bindings::types::Host::filesystem_error_code(&mut world.fs(), error).unwrap();
    assert_eq!(told, Some(ErrorCode::InsufficientSpace));

    world.fs().set_size(borrow(&fd), 100).await.unwrap();
    assert_eq!(world.ctx.disk_used(), 700);
    world.unlink("tmp/a").await.unwrap();
    assert_eq!(world.fs().write(borrow(&fd), vec![3; 900], 100).await.unwrap(), 900);
}

#[tokio::test]
async fn names_are_bounded() {
    let mut world = small(1000, 4);
    world.write("tmp/a", "").await.unwrap();
    world.mkdir("tmp/b").await.unwrap();
    world.symlink("a", "tmp/c").await.unwrap();
    world.link("tmp/a", "tmp/d").await.unwrap();
    assert_eq!(world.write("tmp/e", "").await, FULL);
    assert_eq!(world.mkdir("tmp/e").await, FULL);
    assert_eq!(world.symlink("a", "tmp/e").await, FULL);
    assert_eq!(world.link("tmp/a", "tmp/e").await, FULL);
    assert_eq!(world.write("var/e", "").await, FULL);
    world.rename("tmp/d", "tmp/a").await.unwrap();
    world.rename("tmp/d", "tmp/c").await.unwrap();
    world.write("tmp/e", "").await.unwrap();
    assert_eq!(world.mkdir("tmp/f").await, FULL);
}

#[tokio::test]
async fn what_is_in_var_already_counts() {
    let mut world = small(100, 10);
    let state = world.host.path().join("state");
    std::fs::create_dir_all(state.join("a/b")).unwrap();
    std::fs::write(state.join("a/b/f"), vec![0; 90]).unwrap();
    std::fs::hard_link(state.join("a/b/f"), state.join("same")).unwrap();
    assert_eq!(world.write("tmp/x", &"x".repeat(20)).await, Ok(()), "nobody has looked at var yet");
    assert_eq!(world.ctx.disk_used(), 20);
    assert_eq!(world.write("var/x", "x").await, FULL);
    assert_eq!(world.ctx.disk_used(), 110);
    world.unlink("var/same").await.unwrap();
    assert_eq!(world.ctx.disk_used(), 110, "it has another name");
    world.unlink("var/a/b/f").await.unwrap();
    assert_eq!(world.ctx.disk_used(), 20);
}

#[tokio::test]
async fn cells_of_a_tree_share_a_limit() {
    let tree = Budget::new(1000);
    let host = TempDir::new().unwrap();
    let image = Arc::new(LocalTree::open(host.path()).unwrap());
    let cell = || {
        let config = FsConfig {
            tree_disk: Some(tree.clone()),
            tmp: Home::Private(host.path().into()),
            ..FsConfig::new(image.clone())
        };
        World { host: TempDir::new().unwrap(), ctx: FsCtx::new(config), table: ResourceTable::new() }
    };
    let (mut one, mut two) = (cell(), cell());
    one.write("tmp/f", &"1".repeat(900)).await.unwrap();
    two.write("var/f", &"2".repeat(200)).await.unwrap();
    assert_eq!(two.ctx.disk_used(), 100);
    assert_eq!(two.write("tmp/g", "2").await, FULL);
    drop(one);
    assert_eq!(tree.used(), 100);
    two.write("tmp/g", "2").await.unwrap();
}

#[tokio::test]
async fn paths_are_bounded() {
    let mut world = World::new();
    let name = "n".repeat(255);
    world.write(&format!("tmp/{name}"), "").await.unwrap();
    for too_long in [format!("tmp/{name}n"), format!("{name}n/x"), "x/".repeat(MAX_PATH), "./".repeat(MAX_PATH)] {
        assert_eq!(world.write(&too_long, "").await, Err(ErrorCode::NameTooLong));
        assert_eq!(world.kind(&too_long).await, Err(ErrorCode::NameTooLong));
    }
    assert_eq!(world.symlink(&"x/".repeat(MAX_PATH / 2), "tmp/l").await, Err(ErrorCode::NameTooLong));
    assert_eq!(world.kind("tmp/a\0b").await, Err(ErrorCode::Invalid));
    assert_eq!(world.symlink("a\0b", "tmp/l").await, Err(ErrorCode::Invalid));
}

#[tokio::test]
async fn nesting_is_bounded_however_it_is_made() {
    let mut world = World::new();
    let mut path = "tmp".to_owned();
    for _ in 1..MAX_DEPTH {
        path.push_str("/d");
        world.mkdir(&path).await.unwrap();
    }
    assert_eq!(world.mkdir(&format!("{path}/d")).await, Err(ErrorCode::NameTooLong));

    // Neither by moving a chain of directories into the last one, nor by a descriptor.
    world.mkdir("tmp/x").await.unwrap();
    world.mkdir("tmp/x/y").await.unwrap();
    let parent = path.trim_end_matches("/d").len() + 2 * (MAX_DEPTH - 3);
    let deep = path[..parent].to_owned();
    assert_eq!(world.rename("tmp/x", &format!("{deep}/e")).await, Ok(()));
    world.mkdir("tmp/x").await.unwrap();
    world.mkdir("tmp/x/y").await.unwrap();
    world.mkdir("tmp/x/y/z").await.unwrap();
    assert_eq!(world.rename("tmp/x", &format!("{deep}/f")).await, Err(ErrorCode::NameTooLong));
    let fd = world.open(&path, OpenFlags::DIRECTORY, READ).await.unwrap();
    let made = world.fs().create_directory_at(fd, "d".to_owned()).await;
    assert_eq!(made.map_err(code), Err(ErrorCode::NameTooLong));
}

#[test]
fn the_standard_limits_are_the_documented_ones() {
    let limits = FsLimits::default();
    assert_eq!((limits.descriptors, limits.streams), (MAX_DESCRIPTORS, MAX_STREAMS));
    assert_eq!((limits.disk, limits.entries), (MAX_DISK, MAX_ENTRIES));
    assert_eq!((MAX_DESCRIPTORS, MAX_DISK, MAX_READ, MAX_PATH, MAX_DEPTH), (128, 256 << 20, 64 << 10, 4096, 64));
}
