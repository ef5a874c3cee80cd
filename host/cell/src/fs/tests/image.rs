//! What a guest sees of the image, and that it cannot change it.

use super::*;

#[tokio::test]
async fn the_root_is_the_image_with_the_writable_directories() {
    let mut world = World::new();
    assert_eq!(world.list(".").await.unwrap(), ["etc", "tmp", "var"]);
    assert_eq!(world.list("etc").await.unwrap(), ["app", "name"]);
    assert_eq!(world.read("etc/app/config").await.unwrap(), "key = 1\n");
    assert_eq!(world.stat("etc/name").await.unwrap().size, 6);
    assert_eq!(world.list("var").await.unwrap(), [""; 0], "the image's own var is not the guest's");
    assert_eq!(world.kind("tmp").await, Ok(DescriptorType::Directory));
    assert_eq!(world.read("etc/none").await, Err(ErrorCode::NoEntry));
    assert_eq!(world.read("etc/name/x").await, Err(ErrorCode::NotDirectory));
    assert_eq!(world.read("etc/name/").await, Err(ErrorCode::NotDirectory));
    assert_eq!(world.read("etc").await, Err(ErrorCode::BadDescriptor));
    assert_eq!(world.list("etc/name").await, Err(ErrorCode::NotDirectory));
}

#[tokio::test]
async fn every_change_to_the_image_is_refused_as_read_only() {
    let mut world = World::new();
    let read_only = Err(ErrorCode::ReadOnly);
    assert_eq!(world.write("etc/name", "x").await, read_only);
    assert_eq!(world.write("etc/new", "x").await, read_only);
    assert_eq!(world.open("etc/name", OpenFlags::TRUNCATE, READ).await.unwrap_err(), ErrorCode::ReadOnly);
    assert_eq!(world.open("etc/name", OpenFlags::empty(), WRITE).await.unwrap_err(), ErrorCode::ReadOnly);
    assert_eq!(world.mkdir("etc/new").await, read_only);
    assert_eq!(world.mkdir("new").await, read_only);
    assert_eq!(world.mkdir("etc").await, Err(ErrorCode::Exist));
    assert_eq!(world.unlink("etc/name").await, read_only);
    assert_eq!(world.unlink("etc/none").await, Err(ErrorCode::NoEntry));
    assert_eq!(world.rmdir("etc/app").await, read_only);
    assert_eq!(world.symlink("name", "etc/link").await, read_only);
    assert_eq!(world.rename("etc/name", "etc/other").await, read_only);
    assert_eq!(world.rename("etc/name", "tmp/name").await, read_only);
    assert_eq!(world.link("etc/name", "tmp/name").await, read_only);
    assert_eq!(world.link("etc/name", "etc/other").await, read_only);

    let fd = world.open("etc/name", OpenFlags::empty(), READ).await.unwrap();
    assert_eq!(world.fs().set_size(borrow(&fd), 0).await.map_err(code), read_only);
    assert_eq!(world.fs().write(borrow(&fd), vec![0], 0).await.map_err(code), Err(ErrorCode::ReadOnly));
    assert!(world.fs().write_via_stream(borrow(&fd), 0).is_err());
    assert!(world.fs().append_via_stream(borrow(&fd)).is_err());
    assert_eq!(world.read("etc/name").await.unwrap(), "image\n");
}

#[tokio::test]
async fn the_roots_of_the_writable_directories_stay() {
    let mut world = World::new();
    for _ in 0..2 {
        for path in ["tmp", "var"] {
            assert_eq!(world.rmdir(path).await, Err(ErrorCode::Busy));
            assert_eq!(world.unlink(path).await, Err(ErrorCode::IsDirectory));
            assert_eq!(world.mkdir(path).await, Err(ErrorCode::Exist));
            assert_eq!(world.write(path, "").await, Err(ErrorCode::IsDirectory));
            assert_eq!(world.rename(path, "tmp/x").await, Err(ErrorCode::Busy));
        }
        // Once before they are on the disk, and once after.
        world.write("tmp/a", "").await.unwrap();
        world.write("var/a", "").await.unwrap();
    }
}

#[tokio::test]
async fn open_flags_mean_what_they_say() {
    let mut world = World::new();
    let exclusive = OpenFlags::CREATE | OpenFlags::EXCLUSIVE;
    assert_eq!(world.open("etc/name", exclusive, WRITE).await.unwrap_err(), ErrorCode::Exist);
    assert_eq!(world.open("etc/name", OpenFlags::DIRECTORY, READ).await.unwrap_err(), ErrorCode::NotDirectory);
    assert_eq!(
        world.open("etc", OpenFlags::DIRECTORY | OpenFlags::CREATE, READ).await.unwrap_err(),
        ErrorCode::Invalid
    );
    assert_eq!(world.open("etc", OpenFlags::empty(), WRITE).await.unwrap_err(), ErrorCode::IsDirectory);
    assert_eq!(world.open("", OpenFlags::empty(), READ).await.unwrap_err(), ErrorCode::NoEntry);
    assert_eq!(world.open("/etc/name", OpenFlags::empty(), READ).await.unwrap_err(), ErrorCode::NotPermitted);
    assert!(world.open("etc/name", OpenFlags::CREATE, READ).await.is_ok());

    let blind = world.open("etc/name", OpenFlags::empty(), DescriptorFlags::empty()).await.unwrap();
    assert_eq!(world.fs().read(blind, 1, 0).await.map_err(code), Err(ErrorCode::BadDescriptor));
}

#[tokio::test]
async fn objects_are_told_apart() {
    let mut world = World::new();
    let paths = [".", "tmp", "var", "etc", "etc/name", "etc/app/config"];
    let mut open = Vec::new();
    for path in paths.iter().chain(&paths) {
        open.push(world.open(path, OpenFlags::empty(), READ).await.unwrap());
    }
    for (i, one) in open.iter().enumerate() {
        for (j, other) in open.iter().enumerate() {
            let same = i % paths.len() == j % paths.len();
            assert_eq!(world.fs().is_same_object(borrow(one), borrow(other)).unwrap(), same, "{i} {j}");
            let one = world.fs().metadata_hash(borrow(one)).unwrap();
            let other = world.fs().metadata_hash(borrow(other)).unwrap();
            assert_eq!((one.lower, one.upper) == (other.lower, other.upper), same, "{i} {j}");
        }
    }
    let root = world.root();
    let at = world.fs().metadata_hash_at(root, FOLLOW, "etc/name".to_owned()).await.unwrap();
    assert_eq!(at.lower, world.fs().metadata_hash(borrow(&open[4])).unwrap().lower);
}

#[cfg(unix)]
#[tokio::test]
async fn only_files_directories_and_links_are_there() {
    let mut world = World::new();
    let etc = world.image().join("etc");
    let made = std::process::Command::new("mkfifo").arg(etc.join("fifo")).status().unwrap();
    assert!(made.success());
    let _socket = std::os::unix::net::UnixListener::bind(etc.join("socket")).unwrap();
    host_link("/dev/null", etc.join("null"));
    std::fs::write(etc.join(".wh.app"), "").unwrap();
    assert_eq!(world.list("etc").await.unwrap(), ["app", "name", "null"]);
    for hidden in ["etc/fifo", "etc/socket", "etc/.wh.app", "etc/null"] {
        assert_eq!(world.read(hidden).await, Err(ErrorCode::NoEntry), "{hidden}");
        assert_eq!(world.kind(hidden).await, Err(ErrorCode::NoEntry), "{hidden}");
    }
    assert_eq!(world.write("tmp/.wh.x", "").await, Err(ErrorCode::NoEntry));
    assert_eq!(world.mkdir("tmp/.wh.x").await, Err(ErrorCode::NoEntry));
    assert_eq!(world.symlink("etc", "tmp/.wh.x").await, Err(ErrorCode::NoEntry));
}

#[tokio::test]
async fn a_long_directory_comes_in_parts_and_whole() {
    let mut world = World::new();
    let many = world.image().join("many");
    std::fs::create_dir(&many).unwrap();
    let count = super::super::limits::LIST_CHUNK * 2 + 7;
    for index in 0..count {
        std::fs::write(many.join(format!("{index:05}")), "").unwrap();
    }
    let names = world.list("many").await.unwrap();
    assert_eq!(names.len(), count);
    assert_eq!(names[count - 1], format!("{:05}", count - 1));
}
